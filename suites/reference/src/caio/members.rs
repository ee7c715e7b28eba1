//! Who may use CAIO: members with a key and a role.

use crate::identity::{digest, same};

/// What a member may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look at services and contracts.
    Viewer,
    /// Run orchestrations.
    Operator,
    /// Change services and contracts, read the audit log.
    Admin,
}

impl Role {
    /// The name on the wire: `viewer`, `operator`, `admin`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }
}

/// Somebody with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name that suites use for it: `admin`, `operator`, `viewer`, `burst`, `load.3`.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Its key. These are published demonstration keys, not secrets.
    pub api_key: String,
}

/// Members for load: 60 requests a minute each.
const LOAD_MEMBERS: usize = 18;

/// All members, the same in every service.
pub fn members() -> Vec<Member> {
    let member = |name: &str, role| Member {
        name: name.to_owned(),
        role,
        api_key: format!("ref-caio-{}-1", name.replace('.', "-")),
    };
    let mut all = vec![
        member("admin", Role::Admin),
        member("operator", Role::Operator),
        member("viewer", Role::Viewer),
        member("burst", Role::Admin),
    ];
    all.extend((1..=LOAD_MEMBERS).map(|n| member(&format!("load.{n}"), Role::Operator)));
    all
}

/// The members with the digests of their keys.
#[derive(Debug)]
pub(crate) struct Members(Vec<(Member, [u8; 32])>);

impl Members {
    pub fn new() -> Members {
        let with_digest = |member: Member| {
            let digest = digest(&member.api_key);
            (member, digest)
        };
        Members(members().into_iter().map(with_digest).collect())
    }

    /// The member of a key. All digests are compared, each in constant time.
    pub fn by_key(&self, key: &str) -> Option<&Member> {
        let presented = digest(key);
        let known = self.0.iter().filter(|(_, known)| same(known, &presented));
        known.map(|(member, _)| member).next_back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_key_names_a_member() {
        let members = Members::new();
        let name = |key| members.by_key(key).map(|member| member.name.as_str());
        assert_eq!(name("ref-caio-admin-1"), Some("admin"));
        assert_eq!(name("ref-caio-load-18-1"), Some("load.18"));
        for wrong in [
            "",
            "ref-caio-admin",
            "REF-CAIO-ADMIN-1",
            "ref-caio-load.1-1",
        ] {
            assert_eq!(name(wrong), None, "{wrong}");
        }
    }
}
