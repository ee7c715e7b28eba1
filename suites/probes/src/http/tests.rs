use std::collections::BTreeSet;
use std::time::Duration;

use readiness::error::Class;
use readiness::observation::{Facet, Observation, Reads, Strength};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::transport::Outgoing;
use super::*;

/// A server that treats its first connection as told.
async fn server<F, Fut>(treat: F) -> String
where
    F: FnOnce(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        let _ = stream.read(&mut head).await;
        treat(stream).await;
    });
    format!("http://{address}/x")
}

fn get(url: &str) -> Outgoing {
    Outgoing {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: vec![("x-api-key".to_owned(), "sesame-opens-the-door".to_owned())],
        body: None,
    }
}

fn transport(timeout_ms: u64, body: usize) -> Transport {
    let timeout = Duration::from_millis(timeout_ms);
    Transport::new(Bounds { timeout, body }).unwrap()
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_bound() {
    let url = server(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'a'; 8192]).await.is_ok() {}
    })
    .await;
    let reply = transport(10_000, 100_000)
        .exchange(&get(&url))
        .await
        .unwrap();
    assert_eq!(reply.text().len(), 100_000);
    assert!(reply.is_incomplete());
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_deadline() {
    let url = server(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let error = transport(300, 1_000_000)
        .exchange(&get(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Other);
    assert!(error.to_string().contains("within 300 ms"), "{error}");
}

#[tokio::test]
async fn endless_headers_are_refused() {
    let url = server(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-more: of the same\r\n").await.is_ok() {}
    })
    .await;
    let error = transport(10_000, 1_000)
        .exchange(&get(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Other);
}

#[tokio::test]
async fn a_server_that_hangs_up_is_an_error_of_neither_side() {
    let url = server(async |stream: TcpStream| drop(stream)).await;
    let error = transport(10_000, 1_000)
        .exchange(&get(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Other);
}

#[tokio::test]
async fn what_is_not_http_is_an_error_without_the_key() {
    let url = server(async |mut stream: TcpStream| {
        let _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
    })
    .await;
    let error = transport(10_000, 1_000)
        .exchange(&get(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Other);
    assert!(!format!("{error:?}").contains("sesame"), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_unavailable_and_names_the_key_to_correct() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/health?token=abc");
    let error = transport(10_000, 1_000)
        .exchange(&get(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Unavailable);
    let text = error.to_string();
    assert!(
        text.contains(&address.to_string()) && text.contains("target.base_url"),
        "{text}"
    );
    assert!(!text.contains("token"), "{text}");
}

#[tokio::test]
async fn redirects_are_shown_and_not_followed() {
    let url = server(async |mut stream: TcpStream| {
        let head =
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let _ = stream.write_all(head).await;
    })
    .await;
    let reply = transport(10_000, 1_000).exchange(&get(&url)).await.unwrap();
    assert_eq!(reply.status(), 302);
    assert_eq!(reply.header("Location"), Some("http://127.0.0.1:1/"));
}

#[tokio::test]
async fn repeated_headers_and_bytes_beyond_ascii_survive() {
    let url = server(async |mut stream: TcpStream| {
        let head = b"HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a: \xe4\r\ncontent-length: 2\r\n\r\n\xff!";
        let _ = stream.write_all(head).await;
    })
    .await;
    let reply = transport(10_000, 1_000).exchange(&get(&url)).await.unwrap();
    assert_eq!(reply.header_all("x-a"), ["1", "ä"]);
    assert_eq!(reply.text(), "\u{fffd}!");
    assert!(reply.is_incomplete());
}

fn observed(reply: &HttpReply, read: impl Fn(&HttpReply)) -> BTreeSet<Facet> {
    let reads = Reads::listening();
    let mut reply = reply.clone();
    reply.attach(reads.clone());
    read(&reply);
    reads.facets()
}

fn sample() -> HttpReply {
    let headers = vec![
        ("X-Frame-Options".to_owned(), "DENY".to_owned()),
        ("Retry-After".to_owned(), "30".to_owned()),
    ];
    HttpReply::new(200, headers, "http://127.0.0.1/".to_owned())
        .with_body(br#"{"data":[{"id":"a"}],"total":1}"#, false)
        .with_elapsed(Duration::from_millis(3))
}

#[test]
fn only_what_was_read_is_altered() {
    let facets = observed(&sample(), |reply| {
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
    });
    let mutants = sample().mutants(&facets);
    assert!(mutants.iter().any(|m| m.operator == "header-dropped"));
    assert!(
        mutants
            .iter()
            .filter(|m| m.strength == Strength::Fine)
            .all(|m| m.facet.0 == "header x-frame-options")
    );
}

/// A check that looks at a header, a body or a null only if there is one demands nothing: nothing is
/// put there for it to stumble over.
#[test]
fn what_is_absent_is_planted_only_where_it_must_be_absent() {
    let bare = HttpReply::new(204, Vec::new(), String::new());
    let fine = |read: fn(&HttpReply)| {
        let mutants = bare.mutants(&observed(&bare, read)).into_iter();
        let fine = mutants.filter(|m| m.strength == Strength::Fine);
        fine.map(|m| m.words).collect::<Vec<_>>()
    };
    let optional = fine(|reply| {
        let _ = (reply.header("x-powered-by"), reply.text());
    });
    assert_eq!(optional, [""; 0]);
    let forbidden = fine(|reply| assert!(reply.lacks_header("X-Powered-By") && reply.lacks_body()));
    assert_eq!(
        forbidden,
        ["there is a body", "there is a x-powered-by of `*`"]
    );
    // Where it is there it cannot be put there.
    let facets = observed(&sample(), |reply| {
        assert!(!reply.lacks_header("retry-after") && !reply.lacks_body());
    });
    let mutants = sample().mutants(&facets);
    assert!(mutants.iter().all(|m| m.strength == Strength::Gross));
}

#[test]
fn every_mutant_differs_from_the_original() {
    let facets = observed(&sample(), |reply| {
        let _ = (
            reply.status(),
            reply.header("retry-after"),
            reply.lacks_header("absent"),
        );
        let _ = (reply.text(), reply.elapsed());
        let body = reply.json().unwrap();
        let rows = body.get("data").items().unwrap();
        let _ = (
            rows[0].get("id").as_str().is_some(),
            body.get("total").as_i64(),
        );
    });
    let mutants = sample().mutants(&facets);
    let operators: BTreeSet<_> = mutants.iter().map(|m| m.operator).collect();
    for operator in [
        "status-within-class",
        "status-3xx",
        "status-4xx",
        "status-429",
        "header-dropped",
        "header-emptied",
        "header-altered",
        "header-planted",
        "body-emptied",
        "body-halved",
        "not-json",
        "field-dropped",
        "list-emptied",
        "number-above",
        "elapsed-x10",
        "server-error",
        "empty-body",
        "connection-error",
    ] {
        assert!(
            operators.contains(operator),
            "{operator} is missing from {operators:?}"
        );
    }
    for mutant in mutants {
        let what = format!("{} of {}", mutant.operator, mutant.facet);
        let altered = mutant.apply(&sample());
        let same = altered.is_some_and(|altered| sample().same(&altered));
        assert!(!same, "{what} changes nothing");
    }
}

#[test]
fn a_status_moves_within_and_across_classes() {
    for status in [200, 204, 301, 400, 401, 404, 429, 500, 503] {
        let reply = HttpReply::new(status, Vec::new(), String::new());
        let facets = observed(&reply, |reply| assert_eq!(reply.status(), status));
        let moved: Vec<u16> = reply
            .mutants(&facets)
            .into_iter()
            .filter(|m| m.strength == Strength::Fine)
            .map(|m| m.apply(&reply).unwrap().raw_status())
            .collect();
        assert!(
            moved.iter().any(|to| to / 100 == status / 100),
            "{status}: {moved:?}"
        );
        assert!(
            moved.iter().any(|to| to / 100 != status / 100),
            "{status}: {moved:?}"
        );
        assert!(status == 429 || moved.contains(&429), "{status}: {moved:?}");
    }
}

#[test]
fn a_reply_survives_being_stored() {
    let text = serde_json::to_string(&sample()).unwrap();
    let back: HttpReply = serde_json::from_str(&text).unwrap();
    assert!(sample().same(&back), "{text}");
}

#[test]
fn an_identity_does_not_show_its_key() {
    let shown = format!("{:?}", Identity::with_key("pro", "sesame"));
    assert!(
        shown.contains("pro") && !shown.contains("sesame"),
        "{shown}"
    );
}

#[test]
fn a_target_without_an_address_says_what_to_set() {
    let target = HttpTarget::default();
    assert!(
        target
            .base_url()
            .unwrap_err()
            .reason()
            .contains("READINESS_BASE_URL")
    );
    for bad in ["ftp://a.example", "not a url", "http://"] {
        let target = HttpTarget {
            base_url: Some(bad.to_owned()),
            ..HttpTarget::default()
        };
        assert!(target.base_url().is_err(), "{bad}");
    }
}

#[test]
fn a_missing_key_says_what_to_set() {
    let mut target = HttpTarget::default();
    assert!(
        target
            .api_key("pro")
            .unwrap_err()
            .reason()
            .contains("identities.pro.api_key_env")
    );
    let entry = IdentityConfig {
        tier: None,
        api_key_env: Some("READINESS_TEST_UNSET_KEY".to_owned()),
        ..IdentityConfig::default()
    };
    target.identities.insert("pro".to_owned(), entry);
    let error = target.api_key("pro").unwrap_err();
    assert!(
        error.reason().contains("READINESS_TEST_UNSET_KEY"),
        "{error}"
    );
}
