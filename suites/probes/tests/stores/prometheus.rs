//! Each row of monitoring: a Prometheus that sees the service is a proven pass, each gap is not.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use readiness_probes::servers::{AlertmanagerServer, Outage, PrometheusProfile, PrometheusServer};

use crate::driver::{Look, Seen, available};

readiness_driver::tests!(
    a_service_that_is_scraped_and_counts_passes,
    a_service_that_is_not_scraped_or_does_not_count_fails,
    an_alert_that_works_and_reaches_somebody_passes,
    an_alert_that_cannot_fire_fails,
    an_alert_that_nobody_hears_fails,
    a_service_that_is_watched_passes,
    a_service_that_is_not_watched_fails,
    what_is_out_of_reach_is_not_verified,
);

/// What is wrong with the metrics of a service.
#[derive(Clone, Copy, PartialEq)]
enum Defect {
    None,
    NoCpu,
    Frozen,
}

/// A service with metrics that counts its requests, as long as the test's process lives.
fn service(defect: Defect) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let requests = AtomicU64::new(7);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 1024];
            let length = stream.read(&mut head).unwrap_or(0);
            let is_scrape = head[..length].starts_with(b"GET /metrics");
            if !is_scrape && defect != Defect::Frozen {
                requests.fetch_add(1, Ordering::SeqCst);
            }
            let cpu = if defect == Defect::NoCpu {
                ""
            } else {
                "process_cpu_seconds_total 1.5\n"
            };
            let body = format!(
                "{cpu}process_resident_memory_bytes 5e7\n\
                 http_requests_total{{code=\"200\"}} {}\nhttp_errors_total 0\n",
                requests.load(Ordering::SeqCst)
            );
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

fn start(profile: &PrometheusProfile) -> Option<PrometheusServer> {
    available(PrometheusServer::start(profile))
}

fn scraping(address: SocketAddr) -> PrometheusProfile {
    PrometheusProfile {
        jobs: vec![("api".to_owned(), address.to_string())],
        ..PrometheusProfile::default()
    }
}

fn looking(id: &str, server: &PrometheusServer) -> Look {
    Look::at(id).target(&format!(
        "prometheus = {{ url = \"{}\", job = \"api\" }}",
        server.url()
    ))
}

const UP: &str = "/api/v1/query?query=up";

#[track_caller]
fn mon_002(server: &PrometheusServer, address: SocketAddr) -> Seen {
    looking("MON-002", server)
        .env("EXPORTER", &address.to_string())
        .run()
}

fn a_service_that_is_scraped_and_counts_passes() {
    let address = service(Defect::None);
    let Some(server) = start(&scraping(address)) else {
        return;
    };
    server.wait_for(UP, ",\"1\"]").unwrap();
    mon_002(&server, address).is_proven();
}

fn a_service_that_is_not_scraped_or_does_not_count_fails() {
    for (defect, words) in [
        (Defect::NoCpu, "no series of process_cpu_seconds_total"),
        (Defect::Frozen, "grew by 0 from 7 while 5 requests"),
    ] {
        let address = service(defect);
        let Some(server) = start(&scraping(address)) else {
            return;
        };
        server.wait_for(UP, ",\"1\"]").unwrap();
        mon_002(&server, address).fails(words);
    }
    // A port that was free a moment ago: nobody answers there.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let Some(server) = start(&scraping(closed)) else {
        return;
    };
    server.wait_for(UP, ",\"0\"]").unwrap();
    mon_002(&server, closed).fails("is down");
    let Some(server) = start(&PrometheusProfile::default()) else {
        return;
    };
    mon_002(&server, closed).fails("no target for the job");
}

fn rule(query: &str) -> String {
    format!(
        "groups:\n  - name: api\n    rules:\n      - alert: HighErrorRate\n        expr: {query}\n"
    )
}

/// Prometheus with one rule that was evaluated.
fn ruled(query: &str, health: &str) -> Option<PrometheusServer> {
    let profile = PrometheusProfile {
        rules: rule(query),
        ..scraping(service(Defect::None))
    };
    let server = start(&profile)?;
    server.wait_for(UP, ",\"1\"]").unwrap();
    server
        .wait_for(
            "/api/v1/rules?type=alert",
            &format!("\"health\":\"{health}\""),
        )
        .unwrap();
    Some(server)
}

fn alertmanager(webhook: Option<&str>) -> Option<AlertmanagerServer> {
    available(AlertmanagerServer::start(webhook))
}

#[track_caller]
fn mon_003(server: &PrometheusServer, manager: &AlertmanagerServer) -> Seen {
    looking("MON-003", server)
        .target(&format!("alertmanager = {{ url = \"{}\" }}", manager.url()))
        .run()
}

const GOOD_RULE: &str = "rate(http_errors_total[5m]) > 0.05";

fn an_alert_that_works_and_reaches_somebody_passes() {
    let Some(manager) = alertmanager(Some("http://127.0.0.1:9/")) else {
        return;
    };
    let Some(server) = ruled(GOOD_RULE, "ok") else {
        return;
    };
    mon_003(&server, &manager).is_proven();
}

fn an_alert_that_cannot_fire_fails() {
    let Some(manager) = alertmanager(Some("http://127.0.0.1:9/")) else {
        return;
    };
    for (query, health, words) in [
        (
            "label_replace(http_errors_total, \"0\", \"\", \"\", \"\") > 1",
            "err",
            "does not evaluate",
        ),
        (
            "rate(http_failures_total{kind=\"error\"}[5m]) > 0.05",
            "ok",
            "http_failures_total, which has no series",
        ),
        ("rate(http_errors_total[5m])", "ok", "compares nothing"),
    ] {
        let Some(server) = ruled(query, health) else {
            return;
        };
        mon_003(&server, &manager).fails(words);
    }
    let Some(server) = start(&scraping(service(Defect::None))) else {
        return;
    };
    mon_003(&server, &manager).fails("none of 0 alerting rules");
}

fn an_alert_that_nobody_hears_fails() {
    let Some(manager) = alertmanager(None) else {
        return;
    };
    let Some(server) = ruled(GOOD_RULE, "ok") else {
        return;
    };
    mon_003(&server, &manager).fails("receiver operations of the default route has no destination");
}

/// A day of probes of `instance`, one a minute, but for the minutes that `is_missing` names.
fn history(instance: &str, is_missing: impl Fn(u64) -> bool) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let mut text = "# TYPE probe_success gauge\n".to_owned();
    for minute in (0..25 * 60).rev().filter(|&minute| !is_missing(minute)) {
        let time = now - minute * 60;
        writeln!(text, "probe_success{{instance=\"{instance}\"}} 1 {time}").unwrap();
    }
    text.push_str("# EOF\n");
    text
}

fn watching(history: String, rules: String) -> Option<PrometheusServer> {
    start(&PrometheusProfile {
        history,
        rules,
        ..PrometheusProfile::default()
    })
}

const WATCH_RULE: &str = "probe_success == 0";

fn a_service_that_is_watched_passes() {
    let probes = history("https://api.kamiyo.ai/health", |_| false);
    let Some(server) = watching(probes, rule(WATCH_RULE)) else {
        return;
    };
    looking("MON-004", &server).run().is_proven();
}

fn a_service_that_is_not_watched_fails() {
    let host = "https://api.kamiyo.ai/health";
    for (probes, rules, words) in [
        (
            String::new(),
            rule(WATCH_RULE),
            "nothing probes api.kamiyo.ai",
        ),
        (
            history("https://xapi.kamiyo.ai", |_| false),
            rule(WATCH_RULE),
            "nothing probes",
        ),
        (
            history(host, |minute| (300..360).contains(&minute)),
            rule(WATCH_RULE),
            "of the last 288 windows",
        ),
        (
            history(host, |_| false),
            String::new(),
            "no alerting rule looks at it",
        ),
    ] {
        let Some(server) = watching(probes, rules) else {
            return;
        };
        looking("MON-004", &server).run().fails(words);
    }
}

fn what_is_out_of_reach_is_not_verified() {
    Look::at("MON-004").run().is_not_verified("prometheus.url");
    let Some(server) = start(&PrometheusProfile::default()) else {
        return;
    };
    server.stop();
    looking("MON-004", &server)
        .run()
        .is_not_verified("nothing answers");
    let stranger = service(Defect::None);
    Look::at("MON-004")
        .target(&format!(
            "prometheus = {{ url = \"http://{stranger}\", job = \"api\" }}"
        ))
        .run()
        .is_not_verified("is no Prometheus");
}
