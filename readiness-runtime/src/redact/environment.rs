//! What the environment says of secrets: which of its values are none, and which are inside of others.

use super::names;

/// Whether a value that a secret name promises is no secret, because anybody knows it: a placeholder,
/// a word of the variable's own name (`POSTGRES_PASSWORD=postgres`), or a plain word that another
/// variable says openly (`PGUSER=alexandra`).
///
/// Anything with a digit or a sign is a secret even if it is said twice: it may have been copied to
/// where it does not belong.
pub(super) fn is_open(name: &str, value: &str, variables: &[(String, String)]) -> bool {
    let of_its_name = || name.split('_').any(|part| part.eq_ignore_ascii_case(value));
    let is_word = value.bytes().all(|byte| byte.is_ascii_lowercase());
    let said =
        |(other, said): &(String, String)| said == value && !names::is_secret_variable(other);
    names::class_of(value) == "placeholder"
        || of_its_name()
        || (is_word && variables.iter().any(said))
}

/// Whether a text is spelled as a variable is, and one that holds a secret: `STRIPE_SECRET_KEY`.
pub(super) fn is_name_of_secret(text: &str) -> bool {
    let spelled = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    text.contains('_') && text.bytes().all(spelled) && names::is_secret_variable(text)
}

/// The password of an address, `postgresql://app:…@host/db`, as it is typed elsewhere.
pub(super) fn password_of(value: &str) -> Option<String> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    Some(decoded(password))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) if byte == b'%' => {
                bytes.push(value);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;
    use super::*;

    fn masked(variables: &[(&str, &str)], text: &str) -> String {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let redactor = Redactor::default();
        redactor.add_environment(&variables.iter().map(own).collect::<Vec<_>>(), &[]);
        redactor.text(text)
    }

    #[test]
    fn where_a_secret_is_may_be_said_and_the_secret_may_not() {
        let redactor = Redactor::default();
        let table = "STRIPE_API_KEY = \"STRIPE_SECRET_KEY\"\napi_token = \"q7Zk3vT0m9QpXs5L\"";
        redactor.add_table(&crate::config::value::parsed(table));
        assert_eq!(
            redactor.text("STRIPE_SECRET_KEY is not set, q7Zk3vT0m9QpXs5L is"),
            "STRIPE_SECRET_KEY is not set, [redacted] is"
        );
    }

    #[test]
    fn what_everybody_knows_is_not_blotted_out() {
        let text = "postgres at /var/lib/postgres is up; alexandra logged in; changeme";
        let variables = [
            ("POSTGRES_PASSWORD", "postgres"),
            ("ADMIN_PASSWORD", "alexandra"),
            ("PGUSER", "alexandra"),
            ("APP_SECRET", "changeme"),
        ];
        assert_eq!(masked(&variables, text), text);
        // Beside its name it is masked: it may be the password after all.
        assert_eq!(
            masked(
                &variables,
                "password=postgres postgresql://app:postgres@db/x"
            ),
            "password=[redacted] postgresql://app:[redacted]@db/x"
        );
    }

    #[test]
    fn a_word_that_nobody_says_is_a_secret_and_so_is_a_key_that_is_said_twice() {
        let variables = [
            ("ADMIN_PASSWORD", "sunshine"),
            ("API_KEY", "kmy-0123456789"),
            ("LEFT_OVER", "kmy-0123456789"),
        ];
        assert_eq!(
            masked(&variables, "sunshine and kmy-0123456789"),
            "[redacted] and [redacted]"
        );
    }

    #[test]
    fn a_password_within_an_address_is_known_by_itself() {
        let variables = [(
            "DATABASE_URL",
            "postgresql://app:s%2Fcret-0815@db:5432/kamiyo?x=1",
        )];
        for text in ["s/cret-0815", "s%2Fcret-0815", variables[0].1] {
            let masked = masked(&variables, text);
            assert!(!masked.contains("0815"), "{masked}");
        }
        assert_eq!(password_of("redis://:pa%zz@h"), Some("pa%zz".to_owned()));
        for plain in ["http://a:80/b@c", "no address", "http://user@host", ""] {
            assert_eq!(password_of(plain), None, "{plain}");
        }
    }
}
