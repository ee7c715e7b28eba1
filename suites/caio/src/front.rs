//! What stands in front of the embedded service, as an ingress does in front of a deployment: it ends
//! TLS with a certificate made on the fly, and leads plain http to https.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use readiness::Unavailable;
use readiness_probes::servers::{Authority, KeyPair, Validity};
use readiness_reference::Fault;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::embedded::Embedded;

/// The two listeners; they end with this value.
pub(crate) struct Front {
    secure: u16,
    plain: u16,
    authority: PathBuf,
    tasks: [JoinHandle<()>; 2],
    _folder: TempDir,
}

impl Drop for Front {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn cannot(error: impl std::fmt::Display) -> Unavailable {
    Unavailable::new(format!("what ends TLS for the embedded service: {error}"))
}

impl Front {
    /// Listens on two free ports, in front of the service.
    pub(crate) async fn start(service: &Embedded) -> Result<Front, Unavailable> {
        let has = |fault| service.faults().contains(&fault);
        let backend = service
            .address()
            .ok_or_else(|| cannot("the service has no address"))?
            .to_string();
        let authority = Authority::new()?;
        let validity = if has(Fault::CaioSec002ExpiredCert) {
            Validity::EXPIRED
        } else {
            Validity::VALID
        };
        let acceptor = acceptor(&authority.issue(&["localhost"], validity)?)?;
        let folder = tempfile::tempdir().map_err(cannot)?;
        let path = folder.path().join("authority.pem");
        std::fs::write(&path, authority.certificate()).map_err(cannot)?;

        let (listener, secure) = listen().await?;
        let greets_the_old = has(Fault::CaioSec002Tls10);
        let to = backend.clone();
        let tls = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, to) = (acceptor.clone(), to.clone());
                tokio::spawn(async move {
                    if greets_the_old && greeted_the_old(&stream).await {
                        answer_the_old(stream).await;
                    } else if let Ok(stream) = acceptor.accept(stream).await {
                        forward(stream, &to).await;
                    }
                });
            }
        });
        let (listener, plain) = listen().await?;
        let answer = if has(Fault::CaioSec002NoRedirect) {
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()
        } else {
            format!(
                "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://localhost:{secure}/\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
        };
        let serves = has(Fault::CaioSec002PlaintextServed);
        let http = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                if serves {
                    let to = backend.clone();
                    tokio::spawn(async move { forward(stream, &to).await });
                    continue;
                }
                let answer = answer.clone();
                tokio::spawn(async move {
                    // Read first: closing on unread bytes would reset the connection.
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Ok(Front {
            secure,
            plain,
            authority: path,
            tasks: [tls, http],
            _folder: folder,
        })
    }

    pub(crate) fn secure_port(&self) -> u16 {
        self.secure
    }

    pub(crate) fn plain_port(&self) -> u16 {
        self.plain
    }

    /// The file with the authority that vouches for it.
    pub(crate) fn authority(&self) -> &Path {
        &self.authority
    }
}

async fn listen() -> Result<(TcpListener, u16), Unavailable> {
    let listener = TcpListener::bind(("localhost", 0)).await.map_err(cannot)?;
    let port = listener.local_addr().map_err(cannot)?.port();
    Ok((listener, port))
}

fn acceptor(pair: &KeyPair) -> Result<TlsAcceptor, Unavailable> {
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pair.certificate.as_bytes()).collect();
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).map_err(cannot)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(cannot)?
        .with_no_client_auth()
        .with_single_cert(chain.map_err(cannot)?, key)
        .map_err(cannot)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Passes everything on to the service, and back.
async fn forward(mut stream: impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, to: &str) {
    if let Ok(mut service) = TcpStream::connect(to).await {
        // Either side may end it.
        let _ = copy_bidirectional(&mut stream, &mut service).await;
    }
}

/// Whether a client offers nothing newer than TLS 1.1: its greeting's version is before 3.3.
async fn greeted_the_old(stream: &TcpStream) -> bool {
    let mut head = [0; 11];
    loop {
        match stream.peek(&mut head).await {
            Ok(11) => return head[0] == 22 && head[9] == 3 && head[10] < 3,
            Ok(0) | Err(_) => return false,
            Ok(_) => tokio::task::yield_now().await,
        }
    }
}

/// A greeting in the version that was offered, which is all that is looked at.
async fn answer_the_old(mut stream: TcpStream) {
    let mut offer = [0; 512];
    let Ok(length) = stream.read(&mut offer).await else {
        return;
    };
    if length < 11 {
        return;
    }
    let version = [offer[9], offer[10]];
    let mut greeting = vec![22, version[0], version[1], 0, 42, 2, 0, 0, 38];
    greeting.extend(version);
    greeting.extend([0x52; 32]);
    greeting.extend([0, 0x00, 0x2f, 0]);
    let _ = stream.write_all(&greeting).await;
}
