//! What the built test targets say they register.

use std::process::Stdio;

use anyhow::{Context as _, bail};
use readiness::describe::{Description, FORMAT};

use crate::execute::Binary;

/// A registry is a few hundred bytes a trial; more than this is not one.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Asks a test target what it registers; none when it is not one of ours.
pub(crate) fn describe(binary: &Binary) -> anyhow::Result<Option<Description>> {
    let output = binary
        .command()
        .arg("--readiness-describe")
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("failed to start {}", binary.path.display()))?;
    if output.status.code() == Some(2) {
        bail!(
            "{} of {} refused to start; see above",
            binary.target,
            binary.package
        );
    }
    if output.stdout.len() > MOST_BYTES {
        bail!("{} of {} describes too much", binary.target, binary.package);
    }
    Ok(parse(&output.stdout))
}

fn parse(stdout: &[u8]) -> Option<Description> {
    let description: Description = serde_json::from_slice(stdout.trim_ascii()).ok()?;
    (description.readiness == FORMAT).then_some(description)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_an_object_of_our_format_is_a_description() {
        let text = br#"{"readiness":1,"package":"p","manifest_dir":"/p","trials":[{"trial":"A-1::f","id":"A-1","source":"a.rs:1","digest":"d"}]}"#;
        assert_eq!(parse(text).unwrap().trials[0].id, "A-1");
        assert!(parse(b"running 0 tests\n").is_none());
        assert!(
            parse(br#"{"readiness":2,"package":"p","manifest_dir":"/p","trials":[]}"#).is_none()
        );
    }
}
