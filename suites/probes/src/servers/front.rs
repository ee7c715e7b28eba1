//! A front before a real Prometheus that passes everything on and moves the times of its last scrapes
//! an hour back.
//!
//! A Prometheus that runs scrapes, so no configuration makes it show a scrape that is long past; one
//! that is frozen does not answer. This altered field of a real answer is what stands in for that.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use readiness::Unavailable;

/// The field that is altered.
const FIELD: &str = "\"lastScrape\":\"";
/// Bytes of a request's head that are read.
const HEAD: u64 = 16 << 10;

/// A front; it ends with this value.
#[derive(Debug)]
pub struct StaleFront {
    port: u16,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl StaleFront {
    /// A front before whatever answers `GET path` with head and body.
    pub(super) fn before(
        ask: impl Fn(&str) -> std::io::Result<String> + Send + 'static,
    ) -> Result<StaleFront, Unavailable> {
        let cannot = |error| Unavailable::new(format!("no front before Prometheus: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                // Whoever broke off asks again or does without.
                let _ = pass_on(stream, &ask);
            }
        });
        Ok(StaleFront {
            port,
            over,
            thread: Some(thread),
        })
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for StaleFront {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Wakes it up, so that it sees that it is over.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn pass_on(
    mut stream: TcpStream,
    ask: &impl Fn(&str) -> std::io::Result<String>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let path = path_of(&mut stream)?;
    let reply = ask(&path)?;
    let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = aged(body);
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}

/// The path of a request without a body.
fn path_of(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    let mut bounded = stream.take(HEAD);
    while !head.ends_with(b"\r\n\r\n") && bounded.read(&mut byte)? == 1 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    Ok(head.split(' ').nth(1).unwrap_or("/").to_owned())
}

/// The text with every last scrape an hour earlier.
fn aged(body: &str) -> String {
    let mut parts = body.split(FIELD);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (time, rest) = part.split_once('"').unwrap_or((part, ""));
        let earlier = time
            .parse::<Timestamp>()
            .ok()
            .and_then(|time| time.checked_sub(1.hour()).ok())
            .map_or_else(|| time.to_owned(), |time| time.to_string());
        out.push_str(FIELD);
        out.push_str(&earlier);
        out.push('"');
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scrapes_move() {
        let body = r#"{"a":"2026-11-22T12:00:00Z","lastScrape":"2026-11-22T12:00:00.5Z","b":1}"#;
        let wanted = r#"{"a":"2026-11-22T12:00:00Z","lastScrape":"2026-11-22T11:00:00.5Z","b":1}"#;
        assert_eq!(aged(body), wanted);
        assert_eq!(aged("no scrape"), "no scrape");
    }

    #[test]
    fn it_answers_and_ends() {
        let ask = |path: &str| Ok(format!("HTTP/1.0 200 OK\r\n\r\n{path}"));
        let front = StaleFront::before(ask).unwrap();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, front.port)).unwrap();
        stream
            .write_all(b"GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.ends_with("\r\n\r\n/x?y"), "{reply}");
        let port = front.port;
        drop(front);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}
