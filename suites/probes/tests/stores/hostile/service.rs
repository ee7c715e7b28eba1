//! A server that means harm: each path is answered in a way of its own, all of it over a real socket.
//!
//! The requirement `H1-BODY-ENDLESS` is looked for at `/h1-body-endless`.

use std::io::{self, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Text that does damage wherever it is printed as it came: cells and boxes of a document, comments
/// and code of one, a page's script, a terminal's colours, its title and its screen, a journal's line.
pub const EVIL: &str = "a|b\\|c `code` ``` <script>alert(1)</script> <!-- readiness --> --> \
    \n| H1-FORGED | forged | ✅ |\n- [x] forged\r\n\u{1b}[31mred\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\
    \u{0}\u{8}\u{202e}\u{2028}]]> &amp; \"quoted\" 'single' \u{fffd}";

/// [`EVIL`] as far as HTTP lets it through: no controls, and each byte a character.
const EVIL_HEADER: &str = "a|b\\|c `code` <script>alert(1)</script> <!-- readiness --> \u{9b}31m";

/// Listens until the process ends; the address of the server.
pub fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // The other side gives up in the midst of it: that is no failure of the server.
            thread::spawn(move || drop(serve(stream)));
        }
    });
    format!("http://{address}")
}

fn serve(mut stream: TcpStream) -> io::Result<()> {
    // Who stops reading, and stays, would keep this thread for ever.
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    let (path, head) = requested(&mut stream)?;
    match path.as_str() {
        "/h1-secrets" => super::secrets::echo(&head, &mut stream),
        _ => answer(&path, &mut stream),
    }
}

/// The path of a request and its headers. All of its head is read, except where the connection is to be reset:
/// closing one with bytes unread is what resets it.
fn requested(stream: &mut TcpStream) -> io::Result<(String, String)> {
    let line = until(stream, b"\r\n")?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let head = match path.as_str() {
        "/h1-reset" => String::new(),
        _ => until(stream, b"\r\n\r\n")?,
    };
    Ok((path, head))
}

fn until(stream: &mut TcpStream, end: &[u8]) -> io::Result<String> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(end) {
        stream.read_exact(&mut byte)?;
        read.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

fn answer(path: &str, out: &mut TcpStream) -> io::Result<()> {
    match path {
        "/h1-body-endless" => {
            out.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            for_ever(out, &[b'a'; 8192])
        }
        "/h1-chunks-endless" => {
            out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            for_ever(
                out,
                &[b"400\r\n".as_slice(), &[b'['; 0x400], b"\r\n"].concat(),
            )
        }
        "/h1-heads-gigabyte" => {
            out.write_all(b"HTTP/1.1 200 OK\r\n")?;
            gigabyte_of(out, b"x-more: of the same, and of the same again\r\n")
        }
        "/h1-head-one" => {
            out.write_all(b"HTTP/1.1 200 OK\r\nx-long: ")?;
            gigabyte_of(out, &[b'x'; 8192])
        }
        "/h1-continue" => drip(out, b"", &b"HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
        "/h1-hints" => {
            let hint = b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
            drip(out, b"", &hint.repeat(100))
        }
        "/h1-drip-head" => drip(out, b"HTTP/1.1 200 OK\r\nx-slow: ", b"x"),
        "/h1-drip-body" => drip(out, b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
        "/h1-reset" => out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"),
        "/h1-short" => out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}"),
        "/h1-long" => out
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 500 Later\r\n\r\n"),
        "/h1-lengths" => out.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 1000000000000\r\n\r\n{}",
        ),
        "/h1-garbage" => {
            let noise: Vec<u8> = (0..=255u8).rev().cycle().take(100_000).collect();
            out.write_all(&noise)
        }
        "/h1-silence" => Ok(()),
        "/h1-redirect" => out.write_all(
            b"HTTP/1.1 302 Found\r\nlocation: /h1-redirect\r\ncontent-length: 0\r\n\r\n",
        ),
        "/h1-not-utf8" => {
            let mut body = br#"{"status":"#.to_vec();
            body.extend((0..=255u8).cycle().take(10_000));
            whole(out, "200 OK", "x-bytes: \u{ff}\u{fe}", &body)
        }
        "/h1-status" => whole(out, &format!("200 {EVIL_HEADER}"), "x-plain: 1", b"{}"),
        "/h1-header" => {
            let evil = format!(
                "x-evil: {EVIL_HEADER}\r\nlocation: {EVIL_HEADER}\r\nset-cookie: {EVIL_HEADER}"
            );
            whole(out, "200 OK", &evil, b"{}")
        }
        "/h1-header-controls" => whole(out, "200 OK", "x-evil: \u{1b}[31m\u{7}\u{8}", b"{}"),
        "/h1-header-name" => whole(out, "200 OK", "x-<script>|`\u{1b}: 1", b"{}"),
        "/h1-text" => whole(out, "200 OK", "x-plain: 1", EVIL.as_bytes()),
        "/h1-json" => whole(
            out,
            "200 OK",
            "x-plain: 1",
            evil_json().to_string().as_bytes(),
        ),
        "/h1-json-deep" => {
            let deep = format!(
                r#"{{"status":{}{}}}"#,
                "[".repeat(100_000),
                "]".repeat(100_000)
            );
            whole(out, "200 OK", "x-plain: 1", deep.as_bytes())
        }
        "/h1-json-wide" => {
            let zeros = "0,".repeat(300_000);
            whole(
                out,
                "200 OK",
                "x-plain: 1",
                format!(r#"{{"status":"ok","data":[{zeros}0]}}"#).as_bytes(),
            )
        }
        "/h1-json-keys" => {
            let fields: Vec<_> = (0..20_000).map(|n| format!(r#""k{n}":{n},"#)).collect();
            let fields = fields.concat();
            whole(
                out,
                "200 OK",
                "x-plain: 1",
                format!(r#"{{{fields}"status":"ok"}}"#).as_bytes(),
            )
        }
        _ => whole(out, "404 Not Found", "x-plain: 1", b"{}"),
    }
}

/// An object with [`EVIL`] at every place that a text can have.
fn evil_json() -> serde_json::Value {
    serde_json::json!({
        "status": EVIL,
        "version": EVIL,
        "error": EVIL,
        "timestamp": EVIL,
        EVIL: {EVIL: [EVIL, {EVIL: 1}], "n": 1e308},
    })
}

pub fn whole(out: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    let latin1 = |text: &str| -> Vec<u8> {
        text.chars()
            .map(|c| u8::try_from(c).unwrap_or(b'?'))
            .collect()
    };
    out.write_all(b"HTTP/1.1 ")?;
    out.write_all(&latin1(status))?;
    out.write_all(b"\r\n")?;
    out.write_all(&latin1(headers))?;
    write!(
        out,
        "\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    out.write_all(body)
}

/// Until the other side has had enough.
fn for_ever(out: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(8192 / bytes.len().min(8192));
    loop {
        out.write_all(&many)?;
    }
}

fn gigabyte_of(out: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let many = bytes.repeat(8192 / bytes.len().min(8192));
    for _ in 0..(1 << 30) / many.len() {
        out.write_all(&many)?;
    }
    out.write_all(b"\r\n\r\n{}")
}

fn drip(out: &mut TcpStream, start: &[u8], drop: &[u8]) -> io::Result<()> {
    out.write_all(start)?;
    loop {
        out.write_all(drop)?;
        thread::sleep(Duration::from_millis(20));
    }
}
