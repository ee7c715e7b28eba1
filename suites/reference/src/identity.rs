//! Who is calling: the accounts of the service, and how a request's credential is read.
//!
//! A key comes as `Authorization: Bearer <key>` or `X-API-Key: <key>`. A request without either
//! is anonymous; one with a credential that is not valid is refused, never taken for anonymous.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use crate::tiers::Tier;

/// An account that the service knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name that suites use for it: `pro`, `burst.team`, `load.3`.
    pub name: String,
    /// Its tier.
    pub tier: Tier,
    /// Its API key. These are published demonstration keys, not secrets.
    pub api_key: String,
}

/// How many accounts load generators get: 11 are needed for 200 users (see the load rows), and
/// one to spare.
const LOAD_ACCOUNTS: usize = 12;

/// All accounts, the same in every service.
pub fn accounts() -> Vec<Account> {
    let account = |name: &str, tier, api_key: &str| Account {
        name: name.to_owned(),
        tier,
        api_key: api_key.to_owned(),
    };
    let mut accounts = vec![
        account("pro", Tier::Pro, "ref-pro-1"),
        account("team", Tier::Team, "ref-team-1"),
        account("enterprise", Tier::Enterprise, "ref-ent-1"),
        account("burst.pro", Tier::Pro, "ref-burst-pro-1"),
        account("burst.team", Tier::Team, "ref-burst-team-1"),
        account("burst.enterprise", Tier::Enterprise, "ref-burst-ent-1"),
    ];
    accounts.extend((1..=LOAD_ACCOUNTS).map(|n| {
        account(
            &format!("load.{n}"),
            Tier::Enterprise,
            &format!("ref-load-{n}"),
        )
    }));
    accounts
}

/// The accounts with the digests of their keys.
#[derive(Debug)]
pub(crate) struct Directory {
    accounts: Vec<(Account, [u8; 32])>,
}

impl Directory {
    pub fn new() -> Directory {
        let with_digest = |account: Account| {
            let digest = digest(&account.api_key);
            (account, digest)
        };
        Directory {
            accounts: accounts().into_iter().map(with_digest).collect(),
        }
    }

    /// The account of a key.
    pub fn by_key(&self, key: &str) -> Option<&Account> {
        let presented = digest(key);
        // All digests are compared, each in constant time: neither the position of the account
        // nor how much of a guess is right can be read off the time.
        self.accounts
            .iter()
            .filter(|(_, known)| same(known, &presented))
            .map(|(account, _)| account)
            .next_back()
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let difference = a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y));
    std::hint::black_box(difference) == 0
}

/// The credential that a request presents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// None.
    Absent,
    /// After `Authorization: Bearer`.
    Bearer(String),
    /// In `X-API-Key`.
    ApiKey(String),
    /// An `Authorization` header of another form.
    Malformed,
}

impl Credential {
    /// Reads the headers. `Authorization` is preferred to `X-API-Key`.
    pub fn of(headers: &HeaderMap) -> Credential {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer);
            return token.map_or(Credential::Malformed, Credential::Bearer);
        }
        match headers.get("x-api-key").map(|value| value.to_str()) {
            None => Credential::Absent,
            Some(Ok(key)) => Credential::ApiKey(key.trim().to_owned()),
            Some(Err(_)) => Credential::Malformed,
        }
    }
}

fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.trim().split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim().to_owned())
}

/// Who a request is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// `anonymous` or the account's name.
    pub name: String,
    /// The tier whose rules apply.
    pub tier: Tier,
    /// What the limiter counts by.
    pub limiter_key: String,
}

impl Caller {
    /// A caller without a credential, limited by address.
    pub fn anonymous(address: &str) -> Caller {
        Caller {
            name: "anonymous".to_owned(),
            tier: Tier::Free,
            limiter_key: format!("ip:{address}"),
        }
    }

    /// The holder of an account, limited by key.
    pub fn account(account: &Account) -> Caller {
        Caller {
            name: account.name.clone(),
            tier: account.tier,
            limiter_key: limiter_key(&account.name),
        }
    }
}

/// What the limiter counts an account by.
pub(crate) fn limiter_key(account: &str) -> String {
    format!("key:{account}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_credential_is_read_from_either_header() {
        let key = || "ref-pro-1".to_owned();
        assert_eq!(Credential::of(&headers(&[])), Credential::Absent);
        assert_eq!(
            Credential::of(&headers(&[("authorization", "bearer ref-pro-1")])),
            Credential::Bearer(key())
        );
        assert_eq!(
            Credential::of(&headers(&[("x-api-key", "ref-pro-1")])),
            Credential::ApiKey(key())
        );
        for malformed in ["Basic YTpi", "Bearer", ""] {
            let of = Credential::of(&headers(&[("authorization", malformed)]));
            assert_eq!(of, Credential::Malformed, "{malformed:?}");
        }
    }

    #[test]
    fn only_the_exact_key_names_an_account() {
        let directory = Directory::new();
        let name = |key| directory.by_key(key).map(|account| account.name.as_str());
        assert_eq!(name("ref-pro-1"), Some("pro"));
        assert_eq!(name("ref-load-12"), Some("load.12"));
        for wrong in [
            "",
            "ref-pro",
            "REF-PRO-1",
            "ref-pro-1 ",
            "ref-pro-11",
            "unknown",
        ] {
            assert_eq!(name(wrong), None, "{wrong:?}");
        }
    }
}
