//! The protocol: commands out, replies in, within bounds.
//!
//! RESP2, which every version of Redis speaks until a client asks for more. A reply may be nested
//! four levels deep, hold 10,000 elements and 4 MiB; a server that sends more is cut off.

use readiness::{Error, Result};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

const MAX_DEPTH: usize = 4;
const MAX_ELEMENTS: usize = 10_000;
const MAX_BYTES: usize = 4 << 20;
/// Longest line that starts a reply. Errors are the longest.
const MAX_LINE: u64 = 4096;

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// A status or a text. Bytes that are not UTF-8 are replaced.
    Text(String),
    /// An error: its code is the first word.
    Error(String),
    Number(i64),
    List(Vec<Reply>),
    Nothing,
}

impl Reply {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Reply::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The first word of an error, or the text.
    pub fn word(&self) -> String {
        match self {
            Reply::Text(text) | Reply::Error(text) => text
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned(),
            Reply::Number(number) => number.to_string(),
            Reply::List(_) | Reply::Nothing => String::new(),
        }
    }
}

/// A stream that commands go out on.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A connection.
pub(super) struct Connection {
    stream: BufReader<Box<dyn Wire>>,
    /// What may still be read.
    left: usize,
}

impl Connection {
    pub fn new(stream: Box<dyn Wire>) -> Connection {
        Connection {
            stream: BufReader::new(stream),
            left: 0,
        }
    }

    /// Sends a command and reads its reply, be it an error.
    ///
    /// # Errors
    /// Other if the connection breaks or the reply is none.
    pub async fn send(&mut self, words: &[&str]) -> Result<Reply> {
        let mut out = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            out.extend_from_slice(word.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        self.stream.write_all(&out).await?;
        self.stream.flush().await?;
        self.left = MAX_BYTES;
        self.reply(MAX_DEPTH).await
    }

    /// The same for a command whose error means that we cannot look.
    ///
    /// # Errors
    /// Unavailable with the server's error.
    pub async fn ask(&mut self, words: &[&str]) -> Result<Reply> {
        match self.send(words).await? {
            Reply::Error(error) => Err(Error::unavailable(format!(
                "Redis refused {}: {}",
                words.first().unwrap_or(&"a command"),
                error.escape_debug()
            ))),
            reply => Ok(reply),
        }
    }

    async fn reply(&mut self, depth: usize) -> Result<Reply> {
        let line = self.line().await?;
        let (kind, rest) = line
            .split_at_checked(1)
            .ok_or_else(|| broken("an empty line"))?;
        Ok(match kind {
            "+" => Reply::Text(rest.to_owned()),
            "-" => Reply::Error(rest.to_owned()),
            ":" => Reply::Number(number(rest)?),
            "$" => self.bulk(number(rest)?).await?,
            "*" => {
                let count = number(rest)?;
                if count < 0 {
                    return Ok(Reply::Nothing);
                }
                let depth = depth
                    .checked_sub(1)
                    .ok_or_else(|| broken("too many levels"))?;
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                if count > MAX_ELEMENTS {
                    return Err(broken("too many elements"));
                }
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(Box::pin(self.reply(depth)).await?);
                }
                Reply::List(items)
            }
            _ => return Err(broken("a reply of an unknown kind")),
        })
    }

    async fn bulk(&mut self, length: i64) -> Result<Reply> {
        let Ok(length) = usize::try_from(length) else {
            return Ok(Reply::Nothing);
        };
        self.take(length)?;
        let mut bytes = vec![0; length + 2];
        self.stream.read_exact(&mut bytes).await?;
        bytes.truncate(length);
        Ok(Reply::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    async fn line(&mut self) -> Result<String> {
        let mut bytes = Vec::new();
        (&mut self.stream)
            .take(MAX_LINE)
            .read_until(b'\n', &mut bytes)
            .await?;
        self.take(bytes.len())?;
        if bytes.is_empty() {
            return Err(Error::other("the server closed the connection"));
        }
        let line = bytes
            .strip_suffix(b"\r\n")
            .ok_or_else(|| broken("a line without an end"))?;
        Ok(String::from_utf8_lossy(line).into_owned())
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| broken("too many bytes"))?;
        Ok(())
    }
}

fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| broken("a number that is none"))
}

fn broken(what: &str) -> Error {
    Error::other(format!("the reply is not one of Redis: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(bytes: &'static [u8]) -> Result<Reply> {
        let (ours, mut theirs) = tokio::io::duplex(1 << 16);
        theirs.write_all(bytes).await.unwrap();
        let mut connection = Connection::new(Box::new(ours));
        let reply = connection.send(&["PING", "ü"]).await;
        let mut sent = vec![0; 22];
        theirs.read_exact(&mut sent).await.unwrap();
        assert_eq!(sent, "*2\r\n$4\r\nPING\r\n$2\r\nü\r\n".as_bytes());
        reply
    }

    #[tokio::test]
    async fn replies_are_read() {
        assert_eq!(answered(b"+PONG\r\n").await.unwrap().word(), "PONG");
        assert_eq!(
            answered(b"-NOAUTH Authentication required.\r\n")
                .await
                .unwrap()
                .word(),
            "NOAUTH"
        );
        let list = answered(b"*3\r\n:-2\r\n$3\r\na\r\n\r\n$-1\r\n")
            .await
            .unwrap();
        let expected = [
            Reply::Number(-2),
            Reply::Text("a\r\n".to_owned()),
            Reply::Nothing,
        ];
        assert_eq!(list, Reply::List(expected.to_vec()));
    }

    #[tokio::test]
    async fn hostile_replies_are_errors() {
        for bytes in [
            &b"*99999999\r\n"[..],
            b"$99999999\r\n",
            b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
            b":x\r\n",
            b"HTTP/1.1 400 Bad Request\r\n",
            b"\r\n",
        ] {
            assert!(answered(bytes).await.is_err(), "{}", bytes.escape_ascii());
        }
    }
}
