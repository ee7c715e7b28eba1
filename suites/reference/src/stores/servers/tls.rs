//! A TLS client that trusts the authorities of one file, or a plain socket.

use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{StoreError, store_error};

/// Speaks TLS to servers with a certificate of a known authority.
#[derive(Clone)]
pub(super) struct Tls {
    connector: TlsConnector,
}

impl Tls {
    /// Trusts the authorities of a PEM file and nobody else.
    pub fn trusting(ca_file: &Path) -> Result<Tls, StoreError> {
        let mut roots = RootCertStore::empty();
        let unreadable = |error| StoreError(format!("{}: {error}", ca_file.display()));
        for certificate in CertificateDer::pem_file_iter(ca_file).map_err(unreadable)? {
            roots
                .add(certificate.map_err(unreadable)?)
                .map_err(store_error)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(store_error)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Tls {
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// Shakes hands; the certificate must be valid for the host.
    pub async fn shake(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, StoreError> {
        let name = ServerName::try_from(host.to_owned()).map_err(store_error)?;
        self.connector
            .connect(name, stream)
            .await
            .map_err(store_error)
    }
}
