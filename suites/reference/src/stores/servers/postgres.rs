//! A [`Database`] in `PostgreSQL`: the table `exploits`, read whole and newest first.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::{ChannelBinding, TlsConnect};
use tokio_postgres::{Client, Config, NoTls, Row};

use super::tls::Tls;
use super::{StoreError, store_error};
use crate::data::Exploit;
use crate::stores::{Connection, Database, StoreFuture};

/// A `PostgreSQL` server with the table `exploits`: the fields of [`Exploit`], `timestamp` as
/// `timestamptz`, `amount_usd` as a number, the others as text.
pub struct PostgresDatabase {
    config: Config,
    host: String,
    port: u16,
    tls: Option<Tls>,
}

impl PostgresDatabase {
    /// The server of a URL. `sslmode` may be `disable` or `verify-full`; the authority is that of
    /// `sslrootcert` in the URL, else `ca_file`. It is connected to when it is needed.
    ///
    /// # Errors
    /// The URL is not one, or the authority cannot be read.
    pub fn new(url: &str, ca_file: Option<&Path>) -> Result<PostgresDatabase, StoreError> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let parameter = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value)
        };
        let mut config: Config = address.parse().map_err(store_error)?;
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => return Err(StoreError("the database URL has no host".to_owned())),
        };
        let named = parameter("sslrootcert").map(PathBuf::from);
        let authority = named.as_deref().or(ca_file);
        let is_plain = matches!(parameter("sslmode"), Some("disable") | None);
        let tls = match authority {
            Some(file) if !is_plain => Some(Tls::trusting(file)?),
            _ => None,
        };
        config.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        config.application_name("kamiyo-reference");
        Ok(PostgresDatabase {
            port: config.get_ports().first().copied().unwrap_or(5_432),
            config,
            host,
            tls,
        })
    }

    /// Replaces the rows of the table.
    ///
    /// # Errors
    /// The server cannot be reached, or has no such table.
    pub async fn load(&self, rows: &[Exploit]) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(store_error)?;
        transaction
            .execute("DELETE FROM exploits", &[])
            .await
            .map_err(store_error)?;
        let texts = |field: fn(&Exploit) -> &str| -> Vec<&str> { rows.iter().map(field).collect() };
        let maybe = |field: fn(&Exploit) -> Option<&str>| -> Vec<Option<&str>> {
            rows.iter().map(field).collect()
        };
        let times: Vec<String> = rows.iter().map(|row| row.timestamp.to_string()).collect();
        let amounts: Vec<f64> = rows.iter().map(|row| row.amount_usd).collect();
        transaction
            .execute(
                INSERT,
                &[
                    &texts(|row| &row.tx_hash),
                    &texts(|row| &row.chain),
                    &texts(|row| &row.protocol),
                    &amounts,
                    &times,
                    &texts(|row| &row.source),
                    &maybe(|row| row.source_url.as_deref()),
                    &maybe(|row| row.category.as_deref()),
                    &maybe(|row| row.description.as_deref()),
                    &maybe(|row| row.recovery_status.as_deref()),
                ],
            )
            .await
            .map_err(store_error)?;
        transaction.commit().await.map_err(store_error)
    }

    async fn client(&self) -> Result<Client, StoreError> {
        let stream = TcpStream::connect((self.host.as_str(), self.port))
            .await
            .map_err(store_error)?;
        if let Some(tls) = &self.tls {
            let handshake = Handshake {
                host: self.host.clone(),
                tls: tls.clone(),
            };
            let connected = self.config.connect_raw(stream, handshake).await;
            let (client, connection) = connected.map_err(store_error)?;
            // It ends when the client is dropped.
            tokio::spawn(connection);
            return Ok(client);
        }
        let connected = self.config.connect_raw(stream, NoTls).await;
        let (client, connection) = connected.map_err(store_error)?;
        tokio::spawn(connection);
        Ok(client)
    }
}

const INSERT: &str = "\
INSERT INTO exploits (tx_hash, chain, protocol, amount_usd, \"timestamp\", source, source_url, \
category, description, recovery_status) \
SELECT a, b, c, d, e::timestamptz, f, g, h, i, j FROM unnest($1::text[], $2::text[], $3::text[], \
$4::float8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[]) \
AS rows (a, b, c, d, e, f, g, h, i, j)";

const SELECT: &str = "\
SELECT tx_hash, chain, protocol, amount_usd::float8, \
to_char(\"timestamp\" AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), source, source_url, \
category, description, recovery_status FROM exploits ORDER BY \"timestamp\" DESC, tx_hash";

impl Database for PostgresDatabase {
    fn connect(&self) -> StoreFuture<'_, Box<dyn Connection>> {
        Box::pin(async move {
            let client = self.client().await?;
            Ok(Box::new(PostgresConnection { client }) as Box<dyn Connection>)
        })
    }
}

struct PostgresConnection {
    client: Client,
}

impl Connection for PostgresConnection {
    fn exploits(&mut self) -> StoreFuture<'_, Arc<[Exploit]>> {
        Box::pin(async move {
            let rows = self.client.query(SELECT, &[]).await.map_err(store_error)?;
            rows.iter().map(exploit).collect()
        })
    }

    fn ping(&mut self) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.client
                .simple_query("SELECT 1")
                .await
                .map(drop)
                .map_err(store_error)
        })
    }
}

fn exploit(row: &Row) -> Result<Exploit, StoreError> {
    let text = |index: usize| row.try_get::<_, Option<String>>(index).map_err(store_error);
    let some = |index: usize| Ok::<_, StoreError>(text(index)?.unwrap_or_default());
    Ok(Exploit {
        tx_hash: some(0)?,
        chain: some(1)?,
        protocol: some(2)?,
        amount_usd: row
            .try_get::<_, Option<f64>>(3)
            .map_err(store_error)?
            .unwrap_or_default(),
        timestamp: some(4)?.parse().map_err(store_error)?,
        source: some(5)?,
        source_url: text(6)?,
        category: text(7)?,
        description: text(8)?,
        recovery_status: text(9)?,
    })
}

/// Shakes hands for the client library.
struct Handshake {
    host: String,
    tls: Tls,
}

impl TlsConnect<TcpStream> for Handshake {
    type Stream = Encrypted;
    type Error = StoreError;
    type Future = Pin<Box<dyn Future<Output = Result<Encrypted, StoreError>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move { self.tls.shake(&self.host, stream).await.map(Encrypted) })
    }
}

/// The encrypted stream, in the form that the client library asks for.
struct Encrypted(tokio_rustls::client::TlsStream<TcpStream>);

impl tokio_postgres::tls::TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        // The certificate has been checked against its authority; SCRAM does without binding.
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}
