//! What stands in front of a web service: its TLS, the versions of it that nobody should speak any
//! more, and what plain http gets.
//!
//! None of these looks sends a credential.

use std::time::Duration;

use readiness::{Context, Error, Result, Verdict};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Demand, TlsSession, Trust, refused, shake};

/// Deadline of one look.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of a reply that are read.
const REPLY: usize = 8 << 10;
/// Old versions, as they stand in a handshake.
const OLD: [(&str, [u8; 2]); 2] = [("tls10", [3, 1]), ("tls11", [3, 2])];

/// Shakes hands with whatever certificate is shown, and leaves.
///
/// # Errors
/// Unavailable if nobody listens there.
pub async fn look(cx: &Context, host: &str, port: u16, trust: &Trust) -> Result<TlsSession> {
    cx.observe(format!("handshake with {host}"), || async {
        let stream = connect(host, port).await?;
        let shaken = shake(stream, host, trust, Demand::Nothing);
        Ok(match tokio::time::timeout(TIMEOUT, shaken).await {
            Ok(Ok(shaken)) => {
                drop(shaken.stream);
                shaken.session
            }
            Ok(Err(error)) => refused(&error),
            Err(_) => refused(&Error::other(format!(
                "the TLS handshake with {host} takes longer than {} s",
                TIMEOUT.as_secs()
            ))),
        })
    })
    .await
}

/// Offers TLS 1.0, then TLS 1.1, each alone: `tls10` and `tls11` say whether that was taken up.
///
/// # Errors
/// Unavailable if nobody listens there.
pub async fn old_versions(cx: &Context, host: &str, port: u16) -> Result<TlsSession> {
    cx.observe(format!("old versions at {host}"), || async {
        let mut seen = json!({});
        for (name, version) in OLD {
            let mut stream = connect(host, port).await?;
            seen[name] = json!(is_taken_up(&mut stream, version).await);
        }
        Ok(TlsSession::new(seen))
    })
    .await
}

/// Whether a server answers an offer of one version with a greeting of its own in that version.
async fn is_taken_up(stream: &mut TcpStream, version: [u8; 2]) -> bool {
    let offer = offer(version);
    let answer = async {
        stream.write_all(&offer).await?;
        // A record's head, and of the greeting in it the kind, the length and the version.
        let mut head = [0; 11];
        stream.read_exact(&mut head).await?;
        Ok::<_, std::io::Error>(head)
    };
    match tokio::time::timeout(TIMEOUT, answer).await {
        // 22 is a handshake, 2 the server's greeting. An alert, a reset and silence are refusals.
        Ok(Ok(head)) => head[0] == 22 && head[5] == 2 && head[9..11] == version,
        Ok(Err(_)) | Err(_) => false,
    }
}

/// A client's greeting (RFC 2246, 7.4.1.2) with that version as the highest, and ciphers that servers
/// of its time have.
fn offer(version: [u8; 2]) -> Vec<u8> {
    const CIPHERS: [[u8; 2]; 7] = [
        [0xc0, 0x13],
        [0xc0, 0x14],
        [0xc0, 0x09],
        [0xc0, 0x0a],
        [0x00, 0x2f],
        [0x00, 0x35],
        [0x00, 0x0a],
    ];
    // Groups and point formats, without which elliptic curves are not used.
    const EXTENSIONS: [u8; 16] = [
        0x00, 0x0a, 0x00, 0x06, 0x00, 0x04, 0x00, 0x17, 0x00, 0x18, // secp256r1, secp384r1
        0x00, 0x0b, 0x00, 0x02, 0x01, 0x00, // uncompressed points
    ];
    let mut hello = version.to_vec();
    hello.extend([0x52; 32]); // the random part, which nobody goes on to use
    hello.push(0); // no session
    hello.extend(length16(2 * CIPHERS.len()));
    hello.extend(CIPHERS.concat());
    hello.extend([1, 0]); // no compression
    hello.extend(length16(EXTENSIONS.len()));
    hello.extend(EXTENSIONS);
    let mut record = vec![22, 3, 1];
    record.extend(length16(hello.len() + 4));
    record.extend([1, 0]);
    record.extend(length16(hello.len()));
    record.extend(hello);
    record
}

fn length16(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

/// Asks for `/` without TLS: `open` (whether anybody listens), `status` and `location`.
///
/// # Errors
/// None of its own.
pub async fn plain(cx: &Context, host: &str, port: u16) -> Result<TlsSession> {
    cx.observe(format!("plain http at {host}"), || async {
        let Ok(mut stream) = connect(host, port).await else {
            return Ok(TlsSession::new(json!({ "open": false })));
        };
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let asked = async {
            stream.write_all(request.as_bytes()).await?;
            let mut reply = Vec::new();
            stream.take(REPLY as u64).read_to_end(&mut reply).await?;
            Ok::<_, std::io::Error>(reply)
        };
        let reply = match tokio::time::timeout(TIMEOUT, asked).await {
            Ok(Ok(reply)) => String::from_utf8_lossy(&reply).into_owned(),
            Ok(Err(_)) | Err(_) => String::new(),
        };
        Ok(TlsSession::new(head(&reply)))
    })
    .await
}

fn head(reply: &str) -> serde_json::Value {
    let mut lines = reply.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let location = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("location"));
    json!({
        "open": true,
        "status": status.and_then(|status| status.parse::<u16>().ok()),
        "location": location.map(|(_, value)| value.trim()),
    })
}

async fn connect(host: &str, port: u16) -> Result<TcpStream> {
    let connecting = TcpStream::connect((host, port));
    match tokio::time::timeout(TIMEOUT, connecting).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(Error::unavailable(format!(
            "the target {host} cannot be reached at port {port}: {error}"
        ))),
        Err(_) => Err(Error::unavailable(format!(
            "the target {host} cannot be reached at port {port}: no answer within {} s",
            TIMEOUT.as_secs()
        ))),
    }
}

/// Neither TLS 1.0 nor TLS 1.1 is spoken.
///
/// # Errors
/// A finding if a fact is missing.
pub fn no_old_versions(seen: &TlsSession) -> Result<Verdict> {
    for (field, name) in [("tls10", "TLS 1.0"), ("tls11", "TLS 1.1")] {
        if seen.get(field).bool()? {
            return Ok(Verdict::Fail(format!("a handshake of {name} is answered")));
        }
    }
    Ok(Verdict::Pass)
}

/// Plain http is closed, or leads to https and serves nothing itself.
///
/// # Errors
/// A finding if a fact is missing.
pub fn redirects(seen: &TlsSession) -> Result<Verdict> {
    if !seen.get("open").bool()? {
        return Ok(Verdict::Pass);
    }
    let (status, location) = (seen.get("status"), seen.get("location"));
    Ok(match status.as_i64() {
        Some(301 | 302 | 303 | 307 | 308) => match location.as_str() {
            Some(target) if target.starts_with("https://") => Verdict::Pass,
            other => Verdict::Fail(format!(
                "plain http is redirected to {}, not to https",
                other.unwrap_or("nothing").escape_debug()
            )),
        },
        Some(status) => Verdict::Fail(format!(
            "plain http is answered with {status}, not with a redirect to https"
        )),
        None => Verdict::Fail("what listens for plain http does not speak it".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_as_long_as_it_says() {
        let offer = offer([3, 1]);
        let length = |at: usize| usize::from(offer[at]) << 8 | usize::from(offer[at + 1]);
        assert_eq!(length(3), offer.len() - 5);
        assert_eq!(length(7), offer.len() - 9);
        assert_eq!(offer[9..11], [3, 1]);
    }

    #[test]
    fn what_plain_http_may_answer() {
        let judged = |reply: &str| redirects(&TlsSession::new(head(reply))).unwrap();
        let sound = "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://a.example/\r\n\r\n";
        assert_eq!(judged(sound), Verdict::Pass);
        for bad in [
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.1 404 Not Found\r\n\r\nlocation: https://a.example/",
            "HTTP/1.1 301 Moved\r\nlocation: http://a.example/\r\n\r\n",
            "",
        ] {
            assert!(matches!(judged(bad), Verdict::Fail(_)), "{bad}");
        }
        let closed = TlsSession::new(json!({ "open": false }));
        assert_eq!(redirects(&closed).unwrap(), Verdict::Pass);
    }
}
