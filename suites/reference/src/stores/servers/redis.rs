//! A [`KeyValue`] store in Redis: RESP2 over one connection, opened anew when it breaks.

use std::path::Path;
use std::time::Duration;

use axum::http::Uri;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use super::tls::Tls;
use super::{StoreError, store_error};
use crate::stores::{Counter, KeyValue, StoreFuture};

/// The longest value that is read back, in bytes: far more than a cached reply.
const LONGEST: usize = 4 << 20;

/// A Redis server.
pub struct RedisStore {
    host: String,
    port: u16,
    user: Option<String>,
    password: Option<String>,
    tls: Option<Tls>,
    connection: Mutex<Option<Connection>>,
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

type Connection = BufReader<Box<dyn Wire>>;

/// What the server answers: its texts, lists within lists laid flat. An absent value is none.
type Reply = Vec<String>;

/// Adds one to each key, unless one of them has reached its limit; the script runs as one step.
/// `ARGV` has a limit and a life in milliseconds for each key. It reads nothing: a look-up would count
/// as one of the cache's, and whoever watches those would take the limiter for it.
const COUNT: &str = "\
local before, full = {}, false
for i, key in ipairs(KEYS) do
  before[i] = redis.call('INCR', key) - 1
  if before[i] == 0 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
  full = full or before[i] >= tonumber(ARGV[2 * i - 1])
end
if full then
  for _, key in ipairs(KEYS) do redis.call('DECR', key) end
end
return before";

/// How deep lists are read: `SCAN` answers with a list in a list.
const DEEPEST: usize = 2;

impl RedisStore {
    /// The server of a URL: `redis://:password@host:port/0`, or `rediss://` with the file of the
    /// authority that vouches for it. It is connected to when it is needed.
    ///
    /// # Errors
    /// The URL is not one, or its `rediss` has no readable authority.
    pub fn new(url: &str, ca_file: Option<&Path>) -> Result<RedisStore, StoreError> {
        let uri: Uri = url
            .parse()
            .map_err(|_| StoreError("the Redis URL is not one".to_owned()))?;
        let host = uri
            .host()
            .ok_or_else(|| StoreError("the Redis URL has no host".to_owned()))?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let (login, _) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let tls = match (uri.scheme_str(), ca_file) {
            (Some("rediss"), Some(file)) => Some(Tls::trusting(file)?),
            (Some("rediss"), None) => {
                return Err(StoreError(
                    "rediss needs the file of an authority".to_owned(),
                ));
            }
            _ => None,
        };
        Ok(RedisStore {
            host: host.to_owned(),
            port: uri.port_u16().unwrap_or(6379),
            user: given(user),
            password: given(password),
            tls,
            connection: Mutex::new(None),
        })
    }

    async fn connect(&self) -> Result<Connection, StoreError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(store_error)?;
        let stream: Box<dyn Wire> = match &self.tls {
            Some(tls) => Box::new(tls.shake(&self.host, stream).await?),
            None => Box::new(stream),
        };
        let mut connection = BufReader::new(stream);
        if let Some(password) = &self.password {
            let mut words = vec!["AUTH"];
            words.extend(self.user.as_deref());
            words.push(password);
            ask(&mut connection, &words).await?;
        }
        Ok(connection)
    }

    /// Sends a command. A connection that was idle may be gone by now, so a broken one is
    /// replaced once.
    async fn command(&self, words: &[&str]) -> Result<Reply, StoreError> {
        let mut kept = self.connection.lock().await;
        // Taken out, so that a request that is given up on leaves no half-read connection behind.
        if let Some(mut connection) = kept.take()
            && let Ok(reply) = ask(&mut connection, words).await
        {
            *kept = Some(connection);
            return Ok(reply);
        }
        let mut connection = self.connect().await?;
        let reply = ask(&mut connection, words).await?;
        *kept = Some(connection);
        Ok(reply)
    }
}

async fn ask(connection: &mut Connection, words: &[&str]) -> Result<Reply, StoreError> {
    let mut out = format!("*{}\r\n", words.len());
    for word in words {
        out.push_str(&format_word(word));
    }
    connection
        .write_all(out.as_bytes())
        .await
        .map_err(store_error)?;
    connection.flush().await.map_err(store_error)?;
    let mut reply = Reply::new();
    read(connection, DEEPEST, &mut reply).await?;
    Ok(reply)
}

/// Reads one value, whose texts are added to the reply.
fn read<'a>(
    connection: &'a mut Connection,
    depth: usize,
    reply: &'a mut Reply,
) -> StoreFuture<'a, ()> {
    Box::pin(async move {
        let line = line(connection).await?;
        match line.split_at_checked(1) {
            Some(("+" | ":", text)) => reply.push(text.to_owned()),
            Some(("$", length)) => reply.extend(bulk(connection, length).await?),
            Some(("-", error)) => return Err(StoreError(error.to_owned())),
            Some(("*", count)) if depth > 0 => {
                for _ in 0..count.parse::<usize>().map_err(store_error)? {
                    read(connection, depth - 1, reply).await?;
                }
            }
            _ => return Err(StoreError("an unexpected reply from Redis".to_owned())),
        }
        Ok(())
    })
}

fn format_word(word: &str) -> String {
    format!("${}\r\n{word}\r\n", word.len())
}

async fn line(connection: &mut Connection) -> Result<String, StoreError> {
    let mut line = String::new();
    let read = connection
        .take(4_096)
        .read_line(&mut line)
        .await
        .map_err(store_error)?;
    if read == 0 {
        return Err(StoreError("Redis closed the connection".to_owned()));
    }
    Ok(line.trim_end().to_owned())
}

/// A text of the given length; a length of -1 is no text.
async fn bulk(connection: &mut Connection, length: &str) -> Result<Option<String>, StoreError> {
    let Ok(length) = length.parse::<usize>() else {
        return Ok(None);
    };
    if length > LONGEST {
        return Err(StoreError("a value in Redis is too long".to_owned()));
    }
    let mut bytes = vec![0; length + 2];
    connection
        .read_exact(&mut bytes)
        .await
        .map_err(store_error)?;
    bytes.truncate(length);
    String::from_utf8(bytes).map(Some).map_err(store_error)
}

impl KeyValue for RedisStore {
    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<String>> {
        Box::pin(async move { Ok(self.command(&["GET", key]).await?.pop()) })
    }

    fn set<'a>(
        &'a self,
        key: &'a str,
        value: String,
        life: Option<Duration>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let millis = life.map(|life| life.as_millis().max(1).to_string());
            let mut words = vec!["SET", key, &value];
            if let Some(millis) = &millis {
                words.extend(["PX", millis]);
            }
            self.command(&words).await.map(drop)
        })
    }

    fn clear<'a>(&'a self, prefix: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let pattern = format!("{prefix}*");
            let mut cursor = "0".to_owned();
            loop {
                let scan = ["SCAN", cursor.as_str(), "MATCH", &pattern, "COUNT", "500"];
                let mut found = self.command(&scan).await?.into_iter();
                cursor = found.next().unwrap_or_else(|| "0".to_owned());
                for key in found {
                    self.command(&["DEL", &key]).await?;
                }
                if cursor == "0" {
                    return Ok(());
                }
            }
        })
    }

    fn ping(&self) -> StoreFuture<'_, ()> {
        Box::pin(async move { self.command(&["PING"]).await.map(drop) })
    }

    fn count<'a>(&'a self, counters: &'a [Counter]) -> StoreFuture<'a, Option<Vec<u32>>> {
        Box::pin(async move {
            let mut words = vec![
                "EVAL".to_owned(),
                COUNT.to_owned(),
                counters.len().to_string(),
            ];
            words.extend(counters.iter().map(|counter| counter.key.clone()));
            for counter in counters {
                words.push(counter.limit.to_string());
                words.push(counter.life.as_millis().max(1).to_string());
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let before = self.command(&words).await?;
            let before = before
                .iter()
                .map(|count| count.parse().map_err(store_error));
            before.collect::<Result<Vec<u32>, StoreError>>().map(Some)
        })
    }
}
