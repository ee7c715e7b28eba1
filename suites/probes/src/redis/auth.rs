//! Whether Redis lets anybody in without the password.

use readiness::{Result, Verdict};
use serde_json::{Value, json};

use super::resp::{Connection, Reply};
use super::{Redis, RedisReply};

/// Characters of a password that cannot be guessed at Redis' speed of some ten thousand attempts a
/// second: 16 random ones.
const LENGTH: i64 = 16;

/// Passwords of documentation, images and tutorials.
const DEFAULTS: [&str; 10] = [
    "foobared", "redis", "password", "changeme", "default", "secret", "admin", "root", "test",
    "guest",
];

/// A password that nobody has, for the attempt that must fail.
const WRONG: &str = "readiness-wrong-password";

impl Redis {
    /// How it answers a client without a password (`bare`, the first word), with a wrong one
    /// (`wrong`) and with the right one (`right`); of the password only `length` and `known` (whether
    /// it is a common default); `nopass` lists the enabled users that need none, or is null where
    /// the list of users may not be asked.
    ///
    /// # Errors
    /// Unavailable if it cannot be reached.
    pub async fn authentication(&self) -> Result<RedisReply> {
        self.context()
            .observe("authentication", || async {
                let access = self.access()?;
                access.in_time(self.attempts()).await.map(RedisReply::new)
            })
            .await
    }

    async fn attempts(&self) -> Result<Value> {
        let access = self.access()?;
        // A connection for each: a failed attempt may close it.
        let bare = access.connect().await?.send(&["PING"]).await?.word();
        let user = access.url.user.as_deref().unwrap_or("default");
        let wrong = access
            .connect()
            .await?
            .send(&["AUTH", user, WRONG])
            .await?
            .word();
        let password = access.url.password.as_deref().unwrap_or_default();
        let mut connection = access.connect().await?;
        let right = connection.send(&["AUTH", user, password]).await?.word();
        let nopass = nopass(&mut connection).await?;
        let known = DEFAULTS
            .iter()
            .any(|default| password.eq_ignore_ascii_case(default));
        Ok(json!({
            "bare": bare,
            "wrong": wrong,
            "right": right,
            "length": password.chars().count(),
            "known": known,
            "nopass": nopass,
        }))
    }
}

/// The enabled users without a password: `user NAME on nopass …`.
async fn nopass(connection: &mut Connection) -> Result<Value> {
    let Reply::List(users) = connection.send(&["ACL", "LIST"]).await? else {
        return Ok(Value::Null);
    };
    let names = users.iter().filter_map(Reply::text).filter_map(|user| {
        let mut words = user.split_whitespace().skip(1);
        let name = words.next()?;
        let rules: Vec<&str> = words.collect();
        (rules.contains(&"on") && rules.contains(&"nopass")).then_some(name)
    });
    Ok(json!(names.collect::<Vec<_>>()))
}

/// Whether [`Redis::authentication`] found a door that only the right password opens.
///
/// # Errors
/// A finding if a fact is missing.
pub fn authentication(seen: &RedisReply) -> Result<Verdict> {
    let nopass = seen.get("nopass");
    if nopass.is_null() {
        // Older servers and managed ones: the attempts below decide alone.
    } else if let Some(user) = nopass.items()?.first() {
        let user = user.str()?.escape_debug();
        return Ok(Verdict::Fail(format!(
            "the user {user} needs no password (nopass)"
        )));
    }
    let bare = seen.get("bare");
    let bare = bare.str()?;
    if bare != "NOAUTH" {
        return Ok(Verdict::Fail(format!(
            "a client without a password is answered {}, not NOAUTH",
            bare.escape_debug()
        )));
    }
    let wrong = seen.get("wrong");
    let wrong = wrong.str()?;
    if wrong != "WRONGPASS" {
        return Ok(Verdict::Fail(format!(
            "a wrong password is answered {}, not WRONGPASS",
            wrong.escape_debug()
        )));
    }
    let right = seen.get("right");
    let right = right.str()?;
    if right != "OK" {
        return Ok(Verdict::Fail(format!(
            "the password of the URL is answered {}, not OK",
            right.escape_debug()
        )));
    }
    let length = seen.get("length").i64()?;
    if seen.get("known").bool()? {
        return Ok(Verdict::Fail("the password is a common default".to_owned()));
    }
    if length < LENGTH {
        return Ok(Verdict::Fail(format!(
            "the password has {length} characters, at least {LENGTH} are asked for"
        )));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a literal reads better at the call"
    )]
    fn judged(change: Value) -> Verdict {
        let mut facts = json!({
            "bare": "NOAUTH", "wrong": "WRONGPASS", "right": "OK", "length": 32, "known": false,
            "nopass": [],
        });
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        authentication(&RedisReply::new(facts)).unwrap()
    }

    #[test]
    fn each_fault_names_what_was_seen() {
        assert_eq!(judged(json!({})), Verdict::Pass);
        assert_eq!(judged(json!({"nopass": null, "length": 16})), Verdict::Pass);
        for (change, words) in [
            (json!({"bare": "PONG"}), "answered PONG"),
            (json!({"bare": "DENIED"}), "answered DENIED"),
            (json!({"wrong": "OK"}), "wrong password is answered OK"),
            (json!({"right": "WRONGPASS"}), "not OK"),
            (json!({"length": 15}), "15 characters"),
            (json!({"known": true}), "common default"),
            (json!({"nopass": ["default"]}), "default needs no password"),
        ] {
            let Verdict::Fail(reason) = judged(change) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
