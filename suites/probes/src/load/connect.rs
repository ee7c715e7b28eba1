//! A user's connection: plain or over TLS, kept alive, made anew when the service has closed it.

use std::io;
use std::sync::Arc;

use http_body_util::Empty;
use hyper::Uri;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use readiness::Unavailable;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Where users connect to.
#[derive(Clone)]
pub(crate) struct Address {
    /// `Host`, and the name that a certificate must be for.
    pub authority: String,
    host: String,
    port: u16,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsConnector>,
}

impl Address {
    /// Of a base URL; a path in it is not supported.
    pub fn of(base: &str) -> Result<Address, Unavailable> {
        let wrong = |why: &str| {
            Unavailable::new(format!(
                "`{}` is no address for a load test: {why}",
                base.escape_debug()
            ))
        };
        let uri: Uri = base.parse().map_err(|_| wrong("it is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        let is_https = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("it begins neither with http:// nor with https://")),
        };
        #[cfg(not(feature = "tls"))]
        if is_https {
            return Err(wrong("https needs the feature `tls`"));
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        Ok(Address {
            authority: authority
                .as_str()
                .rsplit('@')
                .next()
                .unwrap_or("")
                .to_owned(),
            port: authority
                .port_u16()
                .unwrap_or(if is_https { 443 } else { 80 }),
            host,
            #[cfg(feature = "tls")]
            tls: if is_https { Some(tls()?) } else { None },
        })
    }

    /// A connection; the task that drives it ends with it.
    pub async fn connect(self: &Arc<Self>) -> io::Result<Connection> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let name = tokio_rustls::rustls::pki_types::ServerName::try_from(self.host.clone())
                .map_err(io::Error::other)?;
            return Connection::over(tls.connect(name, stream).await?).await;
        }
        Connection::over(stream).await
    }
}

/// Trusts whom the platform trusts.
#[cfg(feature = "tls")]
fn tls() -> Result<tokio_rustls::TlsConnector, Unavailable> {
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Unavailable::new(format!("no TLS client: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_rustls::TlsConnector::from(Arc::new(config)))
}

/// One kept-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub sender: SendRequest<Empty<Bytes>>,
    driver: JoinHandle<()>,
    /// Whether a request went over it before.
    pub used: bool,
}

impl Connection {
    async fn over<S>(stream: S) -> io::Result<Connection>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        let driver = tokio::spawn(async move {
            // What goes wrong is seen by the request that it goes wrong for.
            drop(connection.await);
        });
        Ok(Connection {
            sender,
            driver,
            used: false,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
