//! The load generator: what does a request cost it, beside wrk and k6?
//!
//! A server that answers every request with the same few bytes runs on the first core, the clients
//! one after the other on the second (`taskset`, where it is installed). 50 connections that are
//! kept alive, each asking again as soon as it has an answer; the CPU time is the client's alone. A
//! peer that is not installed is left out, and the table says so by its absence.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use readiness_probes::load::{self, Endpoint, Plan};

use crate::clock::Cost;
use crate::table::Table;

const CONNECTIONS: usize = 50;

const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 27\r\n\r\n{\"data\":[1,2,3],\"total\":3}\n";

/// Cost per request, by client.
pub fn compare(seconds: u64, rounds: usize) -> Result<Table> {
    let server = Server::start()?;
    let script = std::env::temp_dir().join("readiness-benches-k6.js");
    std::fs::write(
        &script,
        format!(
            "import http from 'k6/http';\nexport const options = {{ vus: {CONNECTIONS}, duration: '{seconds}s' }};\n\
             export default function () {{ http.get('{}/'); }}\n",
            server.url
        ),
    )?;
    let mut table = Table::new("CPU µs a request", "wall µs a request");
    for round in 0..=rounds {
        let mut costs = Vec::new();
        for client in [Client::Ours, Client::Wrk, Client::K6] {
            if let Some(cost) = client.measure(&server, seconds, &script)? {
                costs.push((client.name().to_owned(), cost));
            }
        }
        // The first round warms caches up.
        if round > 0 {
            table.round(costs);
        }
    }
    Ok(table)
}

#[derive(Clone, Copy)]
enum Client {
    Ours,
    Wrk,
    K6,
}

impl Client {
    fn name(self) -> &'static str {
        match self {
            Client::Ours => "readiness",
            Client::Wrk => "wrk",
            Client::K6 => "k6",
        }
    }

    fn command(self, server: &Server, seconds: u64, script: &Path) -> Result<Command> {
        let mut command = pinned(1);
        match self {
            Client::Ours => command
                .arg(std::env::current_exe()?)
                .args(["load-once", &server.url, "--seconds"])
                .arg(seconds.to_string()),
            Client::Wrk => command
                .args([
                    "wrk",
                    "-t1",
                    &format!("-c{CONNECTIONS}"),
                    &format!("-d{seconds}s"),
                ])
                .arg(&server.url),
            Client::K6 => command.args(["k6", "run", "--quiet"]).arg(script),
        };
        Ok(command)
    }

    /// The cost of one request; none if the client is not installed.
    fn measure(self, server: &Server, seconds: u64, script: &Path) -> Result<Option<Cost>> {
        let program = self.name();
        if !matches!(self, Client::Ours) && Command::new(program).arg("--version").output().is_err()
        {
            return Ok(None);
        }
        let before = server.answered()?;
        let cost = Cost::of(
            self.command(server, seconds, script)?,
            crate::clock::Sink::Null,
        )?;
        let requests = server.answered()? - before;
        ensure!(requests > 0, "{program} sent nothing");
        Ok(Some(cost.per(requests)))
    }
}

/// The client's part: 50 users who do not think.
pub fn once(url: &str, seconds: u64) -> Result<()> {
    let mut plan =
        Plan::new([Endpoint::get("it", "/", 1).expecting(|body| body.starts_with(b"{"))])
            .hold(CONNECTIONS, Duration::from_secs(seconds));
    plan.think = (Duration::ZERO, Duration::ZERO);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let run = runtime.block_on(load::run(url, &plan));
    let run = run.map_err(|error| anyhow::anyhow!("{error}"))?;
    ensure!(run.answered() > 0, "nothing was answered");
    Ok(())
}

/// The server's part: answers until it is stopped, on as many threads as there are connections.
/// A request for `/count` is answered with how many there were before.
pub fn serve() -> Result<()> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", listener.local_addr()?)?;
    out.flush()?;
    let answered = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let (mut stream, answered) = (stream?, Arc::clone(&answered));
        stream.set_nodelay(true)?;
        std::thread::spawn(move || -> std::io::Result<()> {
            let mut buffer = [0; 4096];
            loop {
                let read = stream.read(&mut buffer)?;
                if read == 0 {
                    return Ok(());
                }
                if buffer[..read].starts_with(b"GET /count") {
                    let count = answered.load(Ordering::Relaxed).to_string();
                    return write!(
                        stream,
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{count}",
                        count.len()
                    );
                }
                answered.fetch_add(1, Ordering::Relaxed);
                stream.write_all(REPLY)?;
            }
        });
    }
    Ok(())
}

/// A server in a process of its own, on the first core.
struct Server {
    child: std::process::Child,
    address: String,
    url: String,
}

impl Server {
    fn start() -> Result<Self> {
        let mut child = pinned(0)
            .arg(std::env::current_exe()?)
            .arg("load-server")
            .stdout(Stdio::piped())
            .spawn()
            .context("the server cannot be started")?;
        let mut out = child.stdout.take().context("the server has no output")?;
        let mut address = String::new();
        let begin = Instant::now();
        let mut byte = [0];
        while out.read(&mut byte)? == 1 && byte[0] != b'\n' {
            address.push(char::from(byte[0]));
            ensure!(
                begin.elapsed() < Duration::from_secs(30),
                "the server does not start"
            );
        }
        let url = format!("http://{address}");
        Ok(Self {
            child,
            address,
            url,
        })
    }

    /// Requests so far.
    fn answered(&self) -> Result<usize> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(b"GET /count HTTP/1.1\r\nhost: x\r\n\r\n")?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        let (_, count) = text.rsplit_once('\n').context("no count")?;
        Ok(count.trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command on one core, where cores can be chosen.
fn pinned(core: usize) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]);
    if Command::new("taskset").arg("--version").output().is_ok() {
        command
    } else {
        Command::new("env")
    }
}
