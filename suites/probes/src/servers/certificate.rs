//! Certificates made on the fly: an authority, and keys that it vouches for.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair as Key,
    KeyUsagePurpose, date_time_ymd,
};
use readiness::Unavailable;

/// From when to when a certificate is valid, in days from today. Negative is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First day.
    pub from: i32,
    /// Last day.
    pub to: i32,
}

impl Validity {
    /// Since yesterday, for 90 days: the life that public authorities settled on.
    pub const VALID: Validity = Validity { from: -1, to: 90 };
    /// Ended the day before yesterday.
    pub const EXPIRED: Validity = Validity { from: -30, to: -2 };
}

/// A certificate authority of one test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, Key>,
}

/// A key and a certificate chain, both PEM.
#[derive(Clone)]
pub struct KeyPair {
    /// The certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

impl std::fmt::Debug for KeyPair {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPair").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Authority {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// A new one, valid for ten years around today.
    ///
    /// # Errors
    /// [`Unavailable`] if no key can be made.
    pub fn new() -> Result<Authority, Unavailable> {
        let mut params = params(
            &[],
            Validity {
                from: -3650,
                to: 3650,
            },
        )?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "readiness test authority");
        let key = Key::generate().map_err(|e| cannot(&e))?;
        let issuer = CertifiedIssuer::self_signed(params, key).map_err(|e| cannot(&e))?;
        Ok(Authority { issuer })
    }

    /// Its own certificate, PEM: what a client has to trust.
    pub fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A server's key for these names and addresses.
    ///
    /// # Errors
    /// [`Unavailable`] if no key can be made or a name is not one.
    pub fn issue(&self, names: &[&str], validity: Validity) -> Result<KeyPair, Unavailable> {
        let key = Key::generate().map_err(|e| cannot(&e))?;
        let certificate = params(names, validity)?
            .signed_by(&key, &self.issuer)
            .map_err(|e| cannot(&e))?;
        Ok(KeyPair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }

    /// Writes `ca.pem`, `cert.pem` and `key.pem` (for its owner alone) for the loopback names.
    pub(super) fn install(&self, dir: &Path, validity: Validity) -> Result<(), Unavailable> {
        use std::os::unix::fs::PermissionsExt;
        let pair = self.issue(&["localhost", "127.0.0.1"], validity)?;
        super::instance::write(&dir.join("ca.pem"), &self.certificate())?;
        super::instance::write(&dir.join("cert.pem"), &pair.certificate)?;
        let key = dir.join("key.pem");
        super::instance::write(&key, &pair.key)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))
            .map_err(|e| Unavailable::new(format!("cannot protect {}: {e}", key.display())))
    }
}

fn params(names: &[&str], validity: Validity) -> Result<CertificateParams, Unavailable> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).map_err(|e| cannot(&e))?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    // Midnight UTC. The type that the library wants is of a crate that this one does not depend on.
    let from = day(today, validity.from)?;
    params.not_before = date_time_ymd(from.year().into(), month(from), day_of_month(from));
    let to = day(today, validity.to)?;
    params.not_after = date_time_ymd(to.year().into(), month(to), day_of_month(to));
    Ok(params)
}

/// The civil day `offset` days from `today`.
fn day(today: Date, offset: i32) -> Result<Date, Unavailable> {
    today
        .checked_add(i64::from(offset).days())
        .map_err(|e| Unavailable::new(format!("no such day: {e}")))
}

/// 1 to 12.
fn month(date: Date) -> u8 {
    date.month().unsigned_abs()
}

/// 1 to 31.
fn day_of_month(date: Date) -> u8 {
    date.day().unsigned_abs()
}

fn cannot(error: &rcgen::Error) -> Unavailable {
    Unavailable::new(format!("no certificate for a test server: {error}"))
}
