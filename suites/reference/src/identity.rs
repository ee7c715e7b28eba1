//! Who is calling: the accounts of the service, and how a request's credential is read.
//!
//! A key comes as `Authorization: Bearer <key>` or `X-API-Key: <key>`. A request without either
//! is anonymous; one with a credential that is not valid is refused, never taken for anonymous.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use crate::auth::jwt::Claims;
use crate::faults::{Fault, FaultSet};
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

/// Somebody who can log in for tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name that suites use for it: `jwt`, `jwt.other`, `jwt.victim`.
    pub name: String,
    /// Its tier.
    pub tier: Tier,
    /// What it logs in with.
    pub username: String,
    /// A published demonstration password, not a secret.
    pub password: String,
}

/// All users, the same in every service: one for tokens, one to stay out of trouble, and one
/// whose logins may be made to fail.
pub fn users() -> Vec<User> {
    let user = |name: &str, username: &str, password: &str| User {
        name: name.to_owned(),
        tier: Tier::Team,
        username: username.to_owned(),
        password: password.to_owned(),
    };
    vec![
        user("jwt", "ref-user", "a-long-walk-home-1"),
        user("jwt.other", "ref-other", "a-long-walk-home-2"),
        user("jwt.victim", "ref-victim", "a-long-walk-home-3"),
    ]
}

/// The accounts and users with the digests of their keys and passwords.
#[derive(Debug)]
pub(crate) struct Directory {
    accounts: Vec<(Account, [u8; 32])>,
    users: Vec<(User, [u8; 32])>,
}

impl Directory {
    pub fn new() -> Directory {
        let account = |account: Account| {
            let digest = digest(&account.api_key);
            (account, digest)
        };
        let user = |user: User| {
            let digest = digest(&user.password);
            (user, digest)
        };
        Directory {
            accounts: accounts().into_iter().map(account).collect(),
            users: users().into_iter().map(user).collect(),
        }
    }

    /// The account of a key.
    pub fn by_key(&self, key: &str, faults: &FaultSet) -> Option<&Account> {
        leak_by_time(&self.accounts, key, faults);
        let presented = digest(key);
        // All digests are compared, each in constant time: neither the position of the account
        // nor how much of a guess is right can be read off the time.
        self.accounts
            .iter()
            .filter(|(_, known)| same(known, &presented))
            .map(|(account, _)| account)
            .next_back()
    }

    /// The user of a name and a password.
    pub fn login(&self, username: &str, password: &str) -> Option<&User> {
        let presented = digest(password);
        let named = self
            .users
            .iter()
            .find(|(user, _)| user.username == username);
        // An unknown name takes as long as a wrong password.
        let (user, known) = named.or(self.users.first())?;
        (same(known, &presented) && named.is_some()).then_some(user)
    }

    /// The user that a token is about.
    pub fn user(&self, name: &str) -> Option<&User> {
        let mut users = self.users.iter().map(|(user, _)| user);
        users.find(|user| user.name == name)
    }
}

pub(crate) fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

pub(crate) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let difference = a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y));
    std::hint::black_box(difference) == 0
}

/// The comparisons of a faulty service, which take longer the more is right.
fn leak_by_time(accounts: &[(Account, [u8; 32])], key: &str, faults: &FaultSet) {
    let early_exit = faults.on(Fault::Sec003EarlyExit);
    let length_leak = faults.on(Fault::Sec003LengthLeak);
    if !early_exit && !length_leak {
        return;
    }
    let known = accounts
        .iter()
        .map(|(account, _)| account.api_key.as_bytes());
    let right = |known: &[u8]| {
        known
            .iter()
            .zip(key.bytes())
            .take_while(|(a, b)| **a == *b)
            .count()
    };
    let micros = if early_exit {
        400 * known.map(right).max().unwrap_or(0)
    } else {
        3_000 * usize::from(known.into_iter().any(|known| known.len() == key.len()))
    };
    // Busy, not asleep: a timer would be coarser than what is to be leaked.
    let start = std::time::Instant::now();
    while start.elapsed().as_micros() < micros as u128 {
        std::hint::spin_loop();
    }
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

impl Credential {
    /// The `api_key` of a query string, where a sound service does not look.
    pub fn in_query(query: Option<&str>) -> Credential {
        let mut parameters = query.unwrap_or_default().split('&');
        parameters
            .find_map(|parameter| parameter.strip_prefix("api_key="))
            .map_or(Credential::Absent, |key| Credential::ApiKey(key.to_owned()))
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
    /// The claims of the access token, if the caller came with one.
    pub token: Option<Claims>,
}

impl Caller {
    /// A caller without a credential, limited by address.
    pub fn anonymous(address: &str) -> Caller {
        Caller {
            name: "anonymous".to_owned(),
            tier: Tier::Free,
            limiter_key: format!("ip:{address}"),
            token: None,
        }
    }

    /// The holder of an account, limited by key.
    pub fn account(account: &Account) -> Caller {
        Caller {
            name: account.name.clone(),
            tier: account.tier,
            limiter_key: limiter_key(&account.name),
            token: None,
        }
    }

    /// A user with an access token, limited by user.
    pub fn user(user: &User, claims: Claims) -> Caller {
        Caller {
            name: user.name.clone(),
            tier: user.tier,
            limiter_key: limiter_key(&user.name),
            token: Some(claims),
        }
    }

    pub fn is_anonymous(&self) -> bool {
        self.name == "anonymous"
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
        let name = |key| {
            directory
                .by_key(key, &FaultSet::default())
                .map(|account| account.name.as_str())
        };
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

    #[test]
    fn a_login_needs_both_parts() {
        let directory = Directory::new();
        let login = |name, password| {
            directory
                .login(name, password)
                .map(|user| user.name.as_str())
        };
        assert_eq!(login("ref-user", "a-long-walk-home-1"), Some("jwt"));
        assert_eq!(login("ref-user", "a-long-walk-home-2"), None);
        assert_eq!(login("nobody", "a-long-walk-home-1"), None);
        assert_eq!(login("", ""), None);
    }
}
