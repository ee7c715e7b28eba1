//! Who is trusted, and what is demanded of a certificate.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use readiness::{Error, Result, Unavailable};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio_rustls::rustls;

/// Largest file of authorities that is read: the platform's own bundles are about 200 kB.
const MAX_FILE: u64 = 4 << 20;

/// The authorities that may vouch for a server.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Arc<RootCertStore>,
}

/// What a certificate must be for a session to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Anything: for a look that sends nothing, and for `sslmode=require`, which encrypts only.
    Nothing,
    /// From a trusted authority (`sslmode=verify-ca`).
    Chain,
    /// From a trusted authority, for this host (`sslmode=verify-full`).
    ChainAndHost,
}

impl Trust {
    /// The authorities of a PEM file, or those of the platform.
    ///
    /// # Errors
    /// [`Unavailable`] if the file cannot be read or holds no certificate, or the platform has
    /// none.
    pub fn load(ca_file: Option<&Path>) -> Result<Trust, Unavailable> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = ca_file {
            let certificates = read(path).map_err(|e| {
                Unavailable::new(format!("no authorities in {}: {e}", path.display()))
            })?;
            roots.add_parsable_certificates(certificates);
        } else {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
        if roots.is_empty() && ca_file.is_some() {
            return Err(Unavailable::new(
                "the file of authorities holds no certificate",
            ));
        }
        Ok(Trust {
            roots: Arc::new(roots),
        })
    }

    /// Nobody: for a replay, which looks at no certificate.
    pub fn nobody() -> Trust {
        Trust {
            roots: Arc::new(RootCertStore::empty()),
        }
    }

    /// A client that leaves the reason for its distrust, if any, in `opinion`.
    pub(super) fn config(
        &self,
        demand: Demand,
        opinion: Arc<Mutex<Option<String>>>,
    ) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let inner = if self.roots.is_empty() {
            // A platform without authorities trusts nobody: a look still sees the certificate.
            None
        } else {
            let builder = WebPkiServerVerifier::builder_with_provider(
                Arc::clone(&self.roots),
                Arc::clone(&provider),
            );
            Some(
                builder
                    .build()
                    .map_err(|e| Error::other(format!("no verifier: {e}")))?,
            )
        };
        let verifier = Verifier {
            inner,
            provider: Arc::clone(&provider),
            demand,
            opinion,
        };
        Ok(ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| Error::other(format!("no TLS: {e}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }
}

fn read(path: &Path) -> std::io::Result<Vec<CertificateDer<'static>>> {
    let length = fs::metadata(path)?.len();
    if length > MAX_FILE {
        return Err(std::io::Error::other(format!(
            "{length} bytes are too many"
        )));
    }
    let bytes = fs::read(path)?;
    CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|e| std::io::Error::other(e.to_string()))
}

/// Verifies as usual, notes the result, and lets a session go on that demands less.
#[derive(Debug)]
struct Verifier {
    inner: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    demand: Demand,
    opinion: Arc<Mutex<Option<String>>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = match &self.inner {
            Some(inner) => {
                inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }
            None => Err(rustls::Error::General(
                "this machine trusts no authority".to_owned(),
            )),
        };
        let Err(error) = verified else {
            return verified;
        };
        let mut opinion = self.opinion.lock().unwrap_or_else(PoisonError::into_inner);
        *opinion = Some(error.to_string());
        let is_acceptable = match self.demand {
            Demand::Nothing => true,
            Demand::Chain => is_about_the_name(&error),
            Demand::ChainAndHost => false,
        };
        if is_acceptable {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(error)
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn is_about_the_name(error: &rustls::Error) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};
    matches!(
        error,
        rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })
    )
}
