//! The observation seam as processes see it: secrets planted everywhere come out nowhere, and what
//! a run shares is looked at once, whatever the number of its processes.
//!
//! This executable is both sides: started with `SEAM` it is a test target whose checks plant and
//! share; started by cargo it starts itself and goes through everything that was written.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; a panic is how one fails"
)]

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

use readiness::__private::{Body, CheckFuture, Site, answer, registration, submit};
use readiness::observation::json::Json;
use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, check, ensure};

/// Names the folder of the project, and makes this process its test target.
const SEAM: &str = "SEAM";

/// Secrets by how they are known: by a rule of their own, by the name beside them, by the
/// environment, or because the check said so.
const CANARIES: [&str; 14] = [
    "4242 4242 4242 4242",
    "4000056655665556",
    "078-05-1120",
    "canary.person@example.com",
    "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiIxIn0.Y2FuYXJ5LXNpZ25hdHVyZQ",
    "sk_live_51CanaryCanary01",
    "Bearer canary0123456789canary",
    "cookie: sid=canary-cookie-1; theme=dark",
    "password=canary-password-1",
    "\"api_key\": \"canary-api-key-1\"",
    "postgres://app:canary-db-pass@db.example/app",
    "-----BEGIN PRIVATE KEY-----\nMIICanaryCanaryCanary\n-----END PRIVATE KEY-----",
    "canary-named-by-the-check",
    "canary-of-the-environment",
];

/// What may not be found in anything that was written: the secret parts of the canaries, and two
/// encodings of the one that the check named.
const SECRET_PARTS: [&str; 16] = [
    "4242 4242",
    "40000566",
    "078-05",
    "canary.person",
    "eyJjYW5hcnkiOiIxIn0",
    "sk_live_51",
    "canary0123456789",
    "canary-cookie",
    "canary-password",
    "canary-api-key",
    "canary-db-pass",
    "MIICanary",
    "canary-named",
    "canary-of-the-env",
    // canary-named-by-the-check, reversed nowhere but in base64 and in a query.
    "Y2FuYXJ5LW5hbWVkLWJ5LXRoZS1jaGVjaw",
    "canary%2Dnamed",
];

macro_rules! register {
    ($id:literal, $function:ident) => {
        submit! {
            {
                fn boxed(cx: Context) -> CheckFuture {
                    Box::pin(async move { answer($function(cx).await) })
                }
                registration(
                    &[$id], module_path!(), stringify!($function), "seam", "0.0.0", "/seam",
                    file!(), line!(), column!(), "digest-1", Body::Async(boxed),
                )
            }
        }
    };
}

/// All canaries in a text, a field, a header, a key; and encoded.
fn planted() -> serde_json::Value {
    let all = CANARIES.join("\n");
    serde_json::json!({
        "text": all,
        "base64": "Y2FuYXJ5LW5hbWVkLWJ5LXRoZS1jaGVjaw==",
        "headers": [["authorization", "canary-cookie by its name"], ["x", all]],
        "token": "canary-password below a name",
        "list": CANARIES,
        all: true,
    })
}

async fn plant(cx: &Context) -> Result<Json> {
    cx.secret("canary-named-by-the-check");
    let seen = cx.observe(CANARIES.join(" "), || async { Ok(Json::new(planted())) });
    let seen: Json = seen.await?;
    cx.log_lines("app", CANARIES);
    cx.measure("canary.person@example.com", "ms", vec![1.0]);
    let _ = cx.env("SEAM_API_KEY").as_str();
    let _ = cx.setting("login.password").as_str();
    let _ = cx.setting("canary_text").as_str();
    Ok(seen)
}

register!("SEC-1", passes_and_is_proven);
async fn passes_and_is_proven(cx: Context) -> Result<()> {
    let seen = plant(&cx).await?;
    for canary in CANARIES {
        let log = cx.log_lines("other", [canary]);
        ensure!(log.contains(canary), "{canary} is not there");
    }
    ensure!(
        seen.get("text").str()?.contains(CANARIES[0]),
        "{}",
        CANARIES.join(" ")
    );
    Ok(())
}

register!("SEC-2", fails_with_everything);
async fn fails_with_everything(cx: Context) -> Result<()> {
    let seen = plant(&cx).await?;
    for canary in CANARIES {
        check!(
            seen.get("text").as_str() == Some(canary),
            "a part about {canary}"
        );
    }
    Err(Error::other(CANARIES.join("\n")))
}

register!("SEC-3", panics_with_everything);
async fn panics_with_everything(cx: Context) -> Result<()> {
    plant(&cx).await?;
    panic!("{}", CANARIES.join("\n"));
}

register!("SEC-4", is_unavailable_with_everything);
async fn is_unavailable_with_everything(cx: Context) -> Result<()> {
    plant(&cx).await?;
    Err(Error::unavailable(CANARIES.join("\n")))
}

register!("SEC-5", a_task_panics_with_everything);
async fn a_task_panics_with_everything(cx: Context) -> Result<()> {
    plant(&cx).await?;
    let task = cx.spawn(async { panic!("{}", CANARIES.join("\n")) });
    task.await
}

/// The log is looked at once per run: the look leaves a mark for each time it happens.
async fn shared_log(cx: &Context) -> Result<LogLines> {
    cx.once("the shared log", async |cx: Context| {
        let folder = std::env::var(SEAM)?;
        cx.secret("canary-named-by-the-check");
        cx.observe("shared", || async move {
            let name = format!("look-{}", std::process::id());
            std::fs::write(Path::new(&folder).join(name), "")?;
            // Long enough for the others to have to wait.
            std::thread::sleep(std::time::Duration::from_millis(100));
            Ok(LogLines::new(CANARIES.into_iter().chain(["started"])))
        })
        .await
    })
    .await
}

register!("SHARE-1", shares_first);
async fn shares_first(cx: Context) -> Result<()> {
    let log = shared_log(&cx).await?;
    ensure!(log.contains("started"), "it did not start");
    Ok(())
}

register!("SHARE-2", shares_second);
async fn shares_second(cx: Context) -> Result<()> {
    let log = shared_log(&cx).await?;
    ensure!(log.len() == CANARIES.len() + 1, "{} lines", log.len());
    Ok(())
}

fn main() -> ExitCode {
    if let Ok(folder) = std::env::var(SEAM) {
        return readiness::__private::main(Site {
            manifest_dir: folder.leak(),
            package: "seam",
            tmp_dir: None,
            aborts: false,
        });
    }
    let args = libtest_mimic::Arguments::from_args();
    let test = |name: &str, test: fn()| {
        libtest_mimic::Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let tests = vec![
        test(
            "planted_secrets_come_out_nowhere",
            planted_secrets_come_out_nowhere,
        ),
        test(
            "a_run_looks_once_across_processes",
            a_run_looks_once_across_processes,
        ),
        test("proving_can_be_switched_off", proving_can_be_switched_off),
    ];
    libtest_mimic::run(&args, tests).exit_code()
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = String::from("| ID | Requirement | Status |\n|---|---|---|\n");
    for id in [
        "SEC-1", "SEC-2", "SEC-3", "SEC-4", "SEC-5", "SHARE-1", "SHARE-2",
    ] {
        rows = format!("{rows}| {id} | What {id} says | |\n");
    }
    std::fs::write(folder.path().join("CHECKLIST.md"), rows).unwrap();
    let config = "checklist = \"CHECKLIST.md\"\n[target]\nkind = \"remote\"\nname = \"staging\"\n\
                  canary_text = \"canary.person@example.com\"\nlogin.password = \"canary-password-1\"\n";
    std::fs::write(folder.path().join("readiness.toml"), config).unwrap();
    folder
}

fn start(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["NEXTEST", "READINESS_", "RUST_", "TEST_"]
            .iter()
            .any(|p| text.starts_with(p))
        {
            command.env_remove(&name);
        }
    }
    command
        .args(args)
        .env(SEAM, folder)
        .env("READINESS_DIR", folder.join("runs"))
        .env("READINESS_RUN_ID", "seam")
        .env("SEAM_API_KEY", "canary-of-the-environment")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Everything below a folder, with its name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            all.push((path.display().to_string(), text));
        }
    }
    all
}

fn planted_secrets_come_out_nowhere() {
    let folder = project();
    let output = start(folder.path(), &[], &[("RUST_BACKTRACE", "1")])
        .wait_with_output()
        .unwrap();
    let mut written = files(&folder.path().join("runs"));
    written.push((
        "stdout".into(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ));
    written.push((
        "stderr".into(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ));
    // The positive control: all of it went through the sinks that are looked at.
    let all: String = written.iter().map(|(_, text)| text.as_str()).collect();
    for mask in [
        "[redacted]",
        "[redacted card]",
        "[redacted ssn]",
        "[redacted e-mail]",
        "[redacted token]",
        "[redacted key]",
        "[redacted private key]",
    ] {
        assert!(all.contains(mask), "{mask} is nowhere:\n{all}");
    }
    for id in ["SEC-1", "SEC-2", "SEC-3", "SEC-4", "SEC-5", "SHARE-1"] {
        assert!(all.contains(id), "{id} did not run:\n{all}");
    }
    for (name, text) in &written {
        for part in SECRET_PARTS {
            if let Some(at) = text.find(part) {
                let around: String = text[..at].chars().rev().take(200).collect();
                let around: String = around.chars().rev().collect();
                panic!("{part} is in {name}, behind {around}");
            }
        }
    }
}

fn a_run_looks_once_across_processes() {
    let folder = project();
    let processes: Vec<_> = ["SHARE-1", "SHARE-2", "SHARE-1", "SHARE-2"]
        .into_iter()
        .map(|id| start(folder.path(), &[id], &[]))
        .collect();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let looks = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("look-")
        })
        .count();
    assert_eq!(looks, 1);
    let run = readiness::journal::reader::read_folder(&folder.path().join("runs/seam")).unwrap();
    for trial in run
        .trials()
        .values()
        .filter(|trial| trial.id.starts_with("SHARE"))
    {
        let Some(finished) = trial.finished() else {
            continue;
        };
        let proof = finished.proof.as_ref().unwrap();
        let strength = readiness::journal::record::ProofStrength::Proven;
        assert_eq!(proof.strength, strength, "{}: {proof:?}", trial.id);
        assert!(!finished.evidence.is_empty());
    }
}

fn proving_can_be_switched_off() {
    let folder = project();
    let run = |environment: &[(&str, &str)]| {
        let output = start(folder.path(), &["SHARE-1"], environment)
            .wait_with_output()
            .unwrap();
        assert!(output.status.success());
        let run =
            readiness::journal::reader::read_folder(&folder.path().join("runs/seam")).unwrap();
        let trials = run.trials();
        let trial = trials.values().find(|trial| trial.id == "SHARE-1").unwrap();
        trial.finished().unwrap().proof.clone().unwrap().strength
    };
    let off = run(&[("READINESS_PROVE", "off")]);
    assert_eq!(off, readiness::journal::record::ProofStrength::Off);
}
