//! Who this process is and who started it: `/proc` on Linux, `ps` on other Unix systems, nothing
//! elsewhere (a run there is named by the environment or is one process).

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// When it started, in the platform's own unit: only good for telling two processes of one id
    /// apart.
    pub started: u64,
    /// Name of its executable, cut by the platform.
    pub name: String,
}

impl Process {
    /// Whether this is cargo itself.
    pub fn is_cargo(&self) -> bool {
        self.name == "cargo" || self.name == "cargo.exe"
    }

    /// This process.
    pub fn own() -> Process {
        let pid = std::process::id();
        look(pid).map_or_else(
            || Process {
                pid,
                started: since_epoch(),
                name: String::new(),
            },
            |(process, _)| process,
        )
    }
}

/// Another process, while it can be seen.
pub(crate) fn of(pid: u32) -> Option<Process> {
    look(pid).map(|(process, _)| process)
}

/// More ancestors than this are not looked at.
const MOST_ANCESTORS: usize = 32;

/// The parent, its parent, and so on, as far as they can be seen.
pub fn ancestors() -> Vec<Process> {
    let mut ancestors = Vec::new();
    let mut next = look(std::process::id()).map(|(_, parent)| parent);
    while let Some(pid) = next.filter(|&pid| pid > 0) {
        if ancestors.len() == MOST_ANCESTORS {
            break;
        }
        let Some((process, parent)) = look(pid) else {
            break;
        };
        ancestors.push(process);
        next = Some(parent);
    }
    ancestors
}

/// Whether a variable of this process came down from a process that runs checks and has the same: a
/// run inside of a check is not part of what the outer run was asked for.
#[cfg(target_os = "linux")]
pub(crate) fn comes_from_a_check(variable: &str) -> bool {
    let Some(own) = std::env::var_os(variable) else {
        return false;
    };
    let of = |pid: u32| {
        let all = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mut all = all.split(|&byte| byte == 0);
        let value = all.find_map(|one| {
            one.strip_prefix(variable.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="))
        })?;
        Some(value.to_owned())
    };
    ancestors().iter().any(|ancestor| {
        writes_a_journal(ancestor) && of(ancestor.pid).as_deref() == Some(own.as_encoded_bytes())
    })
}

/// Elsewhere nobody can look at another process's environment.
#[cfg(not(target_os = "linux"))]
pub(crate) fn comes_from_a_check(_variable: &str) -> bool {
    false
}

/// Whether a process has a journal open that bears its own name.
#[cfg(target_os = "linux")]
fn writes_a_journal(process: &Process) -> bool {
    let begin = format!("{}-{}-", process.pid, process.started);
    let open = std::fs::read_dir(format!("/proc/{}/fd", process.pid));
    open.into_iter().flatten().flatten().any(|file| {
        std::fs::read_link(file.path()).is_ok_and(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&begin) && name.ends_with(".jsonl")
        })
    })
}

fn since_epoch() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX))
}

/// A process and its parent's id.
#[cfg(target_os = "linux")]
fn look(pid: u32) -> Option<(Process, u32)> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(pid, &String::from_utf8_lossy(&stat))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn look(pid: u32) -> Option<(Process, u32)> {
    let output = std::process::Command::new("ps")
        .args(["-o", "ppid=", "-o", "lstart=", "-o", "comm=", "-p"])
        .arg(pid.to_string())
        .env("LC_ALL", "C")
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    parse_ps(pid, &String::from_utf8_lossy(&output.stdout))
}

#[cfg(not(unix))]
fn look(_pid: u32) -> Option<(Process, u32)> {
    None
}

/// `1234 (name) S 1 … starttime …`, where the name may hold spaces and brackets: the fields are
/// counted from the last bracket. Field 4 is the parent, field 22 the start in clock ticks.
#[cfg(any(test, target_os = "linux"))]
fn parse_stat(pid: u32, stat: &str) -> Option<(Process, u32)> {
    let (head, tail) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let mut fields = tail.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let started = fields.nth(17)?.parse().ok()?;
    let process = Process {
        pid,
        started,
        name: name.to_owned(),
    };
    Some((process, parent))
}

/// `  1 Sun Nov 22 06:29:01 2026 /usr/bin/cargo`: the start is hashed, as it only has to differ.
#[cfg(any(test, all(unix, not(target_os = "linux"))))]
fn parse_ps(pid: u32, text: &str) -> Option<(Process, u32)> {
    let mut fields = text.split_ascii_whitespace();
    let parent = fields.next()?.parse().ok()?;
    let mut started: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in fields.by_ref().take(5).flat_map(str::bytes) {
        started = (started ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let command = fields.collect::<Vec<_>>().join(" ");
    let name = command.rsplit('/').next()?.to_owned();
    let process = Process { pid, started, name };
    Some((process, parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_stat_with_a_hostile_name() {
        let stat = "77 (a) b) (c) S 5 77 77 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4242 1000 1";
        let (process, parent) = parse_stat(77, stat).unwrap();
        assert_eq!(
            (process.name.as_str(), process.started, parent),
            ("a) b) (c", 4242, 5)
        );
        assert_eq!(parse_stat(1, "garbage"), None);
        assert_eq!(parse_stat(1, "1 (x) S 5 77"), None);
    }

    #[test]
    fn ps_output() {
        let line = "  5 Sun Nov 22 06:29:01 2026 /usr/local/bin/cargo\n";
        let (cargo, parent) = parse_ps(7, line).unwrap();
        assert!(cargo.is_cargo());
        assert_eq!(parent, 5);
        let later = parse_ps(7, "5 Sun Nov 22 06:29:02 2026 cargo").unwrap().0;
        assert_ne!(cargo.started, later.started);
        assert_eq!(parse_ps(7, ""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_ancestors() {
        let own = Process::own();
        assert_eq!(own.pid, std::process::id());
        assert!(own.started > 0);
        let parent = &ancestors()[0];
        assert_eq!(parent.pid, std::os::unix::process::parent_id());
    }
}
