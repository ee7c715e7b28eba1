//! The stand-alone program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_readiness-reference"))
}

fn output(args: &[&str]) -> (i32, String, String) {
    let output = program().args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn it_prints_its_address_and_serves() {
    let mut child = program()
        .args(["--fault", "HDR-002/missing", "--environment", "development"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().to_owned();
    let reply = raw_get(&address, "/health");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    let reply = reply.to_lowercase();
    assert!(reply.contains("x-content-type-options") && !reply.contains("x-frame-options"));
    assert!(!reply.contains("strict-transport-security"));
}

fn raw_get(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

#[test]
fn it_lists_every_fault() {
    let (code, out, _) = output(&["--list-faults"]);
    assert_eq!(code, 0);
    assert_eq!(out.lines().count(), readiness_reference::Fault::all().len());
    assert!(out.contains("RT-FREE-002/limit-too-high"));
}

#[test]
fn a_mistake_on_the_command_line_is_named() {
    for (args, said) in [
        (
            &["--fault", "RL-001/mising"][..],
            "did you mean RL-001/missing",
        ),
        (&["--fault"], "--fault needs a value"),
        (&["--port", "many"], "not a port"),
        (
            &["--environment", "prod"],
            "neither production nor development",
        ),
        (&["--verbose"], "unknown option"),
    ] {
        let (code, out, error) = output(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(error.contains(said), "{args:?}: {error}");
    }
}
