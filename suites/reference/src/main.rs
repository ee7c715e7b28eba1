//! `readiness-reference`: the service on its own, for a look at it or for a demonstration.
//!
//! Prints its address on one line and serves until Ctrl-C.

use std::io::Write as _;
use std::process::ExitCode;

use readiness_reference::{Clock, Fault, RefConfig, RefService};

const USAGE: &str = "\
A correct small service that can be told to be wrong.

Usage: readiness-reference [--port N] [--environment production|development]
                           [--caio] [--fault ID]... [--virtual-clock] [--control]
                           [--log FILE] [--list-faults]

  --port N           listen at 127.0.0.1:N (default: any free port)
  --environment E    behave as this kind of deployment (default: production)
  --caio             be the other product, CAIO; first, before other options
  --fault ID         switch a fault on, such as HDR-001/missing; may be repeated
  --virtual-clock    time stands still until the control listener moves it
  --control          open the control listener and print its address on a second line
  --log FILE         append log lines to a file
  --list-faults      print all faults and leave
";

/// What the command line asks for.
enum Command {
    Serve(Box<RefConfig>),
    ListFaults,
    Help,
}

fn main() -> ExitCode {
    match parse(std::env::args().skip(1)) {
        Ok(Command::Serve(config)) => serve(*config),
        Ok(Command::ListFaults) => print(&fault_list()),
        Ok(Command::Help) => print(USAGE),
        Err(message) => fail(2, &format!("{message}; --help shows the options")),
    }
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut config = RefConfig::new().clock(Clock::real_time());
    while let Some(option) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{option} needs a value"));
        config = match option.as_str() {
            "--port" => {
                let port = value()?;
                config.port(
                    port.parse()
                        .map_err(|_| format!("{port:?} is not a port"))?,
                )
            }
            "--caio" => RefConfig::caio().clock(Clock::real_time()),
            "--environment" => config.environment(value()?.parse()?),
            "--fault" => config.fault(embedded(&value()?)?),
            "--control" => config.with_control(),
            "--log" => config.log_file(value()?),
            "--virtual-clock" => config.clock(Clock::frozen_now()),
            "--list-faults" => return Ok(Command::ListFaults),
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(format!("unknown option {option:?}")),
        };
    }
    Ok(Command::Serve(Box::new(config)))
}

/// A fault that this program can show.
fn embedded(id: &str) -> Result<Fault, String> {
    let fault = Fault::parse(id).map_err(|error| error.to_string())?;
    if !fault.carrier().is_embedded() {
        let carrier = fault.carrier();
        return Err(format!(
            "{fault} is not a fault of the service but of {carrier:?}"
        ));
    }
    Ok(fault)
}

fn fault_list() -> String {
    let line = |fault: &Fault| {
        let carrier = format!("{:?}", fault.carrier()).to_lowercase();
        format!("{:<36} {carrier:<12} {}\n", fault.id(), fault.description())
    };
    Fault::all().iter().map(line).collect()
}

fn serve(config: RefConfig) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(1, &format!("cannot start: {error}")),
    };
    runtime.block_on(async {
        let handle = match RefService::start(config).await {
            Ok(handle) => handle,
            Err(error) => return fail(1, &error.to_string()),
        };
        print(&format!("{}\n", handle.base_url()));
        if let Some(control) = handle.control_url() {
            print(&format!("{control}\n"));
        }
        // Without a handler for Ctrl-C the system ends the process itself.
        let _ = tokio::signal::ctrl_c().await;
        handle.stop().await;
        ExitCode::SUCCESS
    })
}

/// Writes to standard output. Nobody reading it is not an error.
fn print(text: &str) -> ExitCode {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    ExitCode::SUCCESS
}

fn fail(code: u8, message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "readiness-reference: {message}");
    ExitCode::from(code)
}
