//! The URL of a store, taken apart: `scheme://user:password@host:port/path?key=value`.
//!
//! Only what the addresses of databases and caches need. The password is never shown.

use std::collections::BTreeMap;
use std::fmt;

/// Longest URL that is looked at, in bytes. Connection strings are far shorter.
const MAX: usize = 4096;

/// A store's URL.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl {
    /// In lower case, without the driver that some libraries add: `postgresql` of
    /// `postgresql+asyncpg`.
    pub scheme: String,
    /// The user, if there is one.
    pub user: Option<String>,
    /// The password, if there is one.
    pub password: Option<String>,
    /// The host; without the brackets of an IPv6 address. It may be empty (a local socket).
    pub host: String,
    /// The port, if there is one.
    pub port: Option<u16>,
    /// What follows the first slash, without it: a database's name or number.
    pub path: String,
    /// The parameters after the question mark, the last of each name.
    pub query: BTreeMap<String, String>,
}

impl fmt::Debug for StoreUrl {
    /// Without the password and without the parameters, which may hold one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreUrl")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

impl StoreUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// What is wrong with it, in words that quote nothing of it: it may hold a password.
    pub fn parse(text: &str) -> Result<StoreUrl, &'static str> {
        if text.len() > MAX {
            return Err("it is longer than 4096 bytes");
        }
        let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
        let scheme = scheme.split('+').next().unwrap_or(scheme);
        if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("its scheme is not one");
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A password may hold an unescaped @: the last one counts, as most drivers have it.
        let (user_info, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match user_info.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password)?)),
            None => (user_info, None),
        };
        let (host, port) = address_of(address)?;
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let query = pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(key, value)| Ok((decoded(key)?, decoded(value)?)))
            .collect::<Result<_, &'static str>>()?;
        Ok(StoreUrl {
            scheme: scheme.to_ascii_lowercase(),
            user: (!user.is_empty()).then(|| decoded(user)).transpose()?,
            password,
            host: decoded(host)?,
            port,
            path: decoded(path)?,
            query,
        })
    }

    /// Whether it names this machine itself, which in production is hardly ever meant.
    pub fn is_local(&self) -> bool {
        let host = self.host.to_ascii_lowercase();
        host.is_empty()
            || host == "localhost"
            || host.ends_with(".localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
    }
}

fn address_of(address: &str) -> Result<(&str, Option<u16>), &'static str> {
    let (host, port) = if let Some(rest) = address.strip_prefix('[') {
        let (host, rest) = rest
            .split_once(']')
            .ok_or("its host has no closing bracket")?;
        (host, rest.strip_prefix(':'))
    } else {
        match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        }
    };
    if host
        .bytes()
        .any(|b| b.is_ascii_whitespace() || b.is_ascii_control())
    {
        return Err("its host is not one");
    }
    let port = port
        .filter(|port| !port.is_empty())
        .map(str::parse)
        .transpose();
    Ok((
        host,
        port.map_err(|_| "its port is not a number up to 65535")?,
    ))
}

fn decoded(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| char::from(b?).to_digit(16);
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else {
            return Err("it has a % that is followed by no two hexadecimal digits");
        };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_comes_apart() {
        let url = StoreUrl::parse(
            "PostgreSQL+asyncpg://app:p%40s@s@db.example:6432/kamiyo?sslmode=verify-full&x",
        )
        .unwrap();
        assert_eq!(url.scheme, "postgresql");
        assert_eq!(url.user.as_deref(), Some("app"));
        assert_eq!(url.password.as_deref(), Some("p@s@s"));
        assert_eq!((url.host.as_str(), url.port), ("db.example", Some(6432)));
        assert_eq!(url.path, "kamiyo");
        assert_eq!(
            url.query.get("sslmode").map(String::as_str),
            Some("verify-full")
        );
        assert_eq!(url.query.get("x").map(String::as_str), Some(""));
        assert!(!url.is_local());
    }

    #[test]
    fn parts_may_be_absent() {
        let url = StoreUrl::parse("redis://:secret@[::1]:6379").unwrap();
        assert_eq!((url.user, url.password.as_deref()), (None, Some("secret")));
        assert_eq!((url.host.as_str(), url.port), ("::1", Some(6379)));
        let url = StoreUrl::parse("rediss://cache.example/2").unwrap();
        assert_eq!(
            (url.password, url.port, url.path.as_str()),
            (None, None, "2")
        );
        assert!(StoreUrl::parse("postgresql:///kamiyo").unwrap().is_local());
    }

    #[test]
    fn what_is_no_url_is_said_without_quoting_it() {
        for bad in [
            "",
            "secret",
            "://x",
            "redis://h:99999",
            "redis://[::1",
            "redis://a:%zz@h",
            "redis://a b",
        ] {
            let error = StoreUrl::parse(bad).unwrap_err();
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }

    #[test]
    fn it_never_shows_its_password() {
        let url = StoreUrl::parse("redis://:secret@h/0?password=secret").unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
