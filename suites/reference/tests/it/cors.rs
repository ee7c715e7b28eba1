//! COR-001 to COR-003.

use readiness_reference::Fault;
use reqwest::Method;

use crate::client::{Reply, Target, faulty, healthy};

const ALLOWED: &str = "https://app.kamiyo.example";
const FOREIGN: &str = "https://elsewhere.example";
const REFUSED: [&str; 6] = [
    FOREIGN,
    "null",
    "http://app.kamiyo.example",
    "https://evil-app.kamiyo.example",
    "https://app.kamiyo.example.example",
    "https://app.kamiyo.example:8443",
];

async fn preflight(target: &Target, origin: &str) -> Reply {
    let headers = [("origin", origin), ("access-control-request-method", "GET")];
    target
        .send(Method::OPTIONS, "/exploits", &headers, None)
        .await
}

async fn simple(target: &Target, origin: &str) -> Reply {
    target.get_with("/health", &[("origin", origin)]).await
}

fn granted(reply: &Reply) -> Option<&str> {
    reply.header("access-control-allow-origin")
}

#[tokio::test]
async fn an_allowed_origin_is_echoed() {
    let target = healthy().await;
    for origin in target.service.allowed_origins() {
        let reply = preflight(&target, origin).await;
        assert_eq!(reply.status, 204);
        assert_eq!(granted(&reply), Some(origin.as_str()));
        assert!(
            reply
                .header("access-control-allow-methods")
                .unwrap()
                .contains("GET")
        );
        let reply = simple(&target, origin).await;
        assert_eq!(
            (reply.status, granted(&reply)),
            (200, Some(origin.as_str()))
        );
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(reply.header("vary"), Some("Origin"));
    }
}

#[tokio::test]
async fn no_other_origin_is() {
    let target = healthy().await;
    for origin in REFUSED {
        for reply in [
            preflight(&target, origin).await,
            simple(&target, origin).await,
        ] {
            assert_eq!(granted(&reply), None, "{origin}");
            assert_eq!(reply.header("vary"), Some("Origin"));
        }
        assert_eq!(preflight(&target, origin).await.status, 403);
        assert_eq!(simple(&target, origin).await.status, 200);
    }
}

#[tokio::test]
async fn a_preflight_costs_nothing() {
    let target = healthy().await;
    for _ in 0..20 {
        preflight(&target, ALLOWED).await;
    }
    assert_eq!(target.burst("anonymous", 20).await.0, 10);
}

#[tokio::test]
async fn each_fault_lets_in_or_out_what_it_says() {
    use Fault as F;
    let grants = [
        (F::Cor001HttpOriginAllowed, "http://app.kamiyo.example"),
        (F::Cor003ReflectsAny, FOREIGN),
        (F::Cor003ReflectsAny, "null"),
        (F::Cor003NullAllowed, "null"),
        (F::Cor003SuffixMatch, "https://evil-app.kamiyo.example"),
    ];
    for (fault, origin) in grants {
        let target = faulty(fault).await;
        assert_eq!(
            granted(&simple(&target, origin).await),
            Some(origin),
            "{fault}"
        );
        assert_eq!(
            granted(&simple(&target, ALLOWED).await),
            Some(ALLOWED),
            "{fault}"
        );
    }
    let narrow = [
        F::Cor001HttpOriginAllowed,
        F::Cor003NullAllowed,
        F::Cor003SuffixMatch,
    ];
    for fault in narrow {
        let target = faulty(fault).await;
        assert_eq!(granted(&simple(&target, FOREIGN).await), None, "{fault}");
    }

    let target = faulty(F::Cor002ForeignEchoed).await;
    assert_eq!(granted(&preflight(&target, FOREIGN).await), Some(FOREIGN));
    assert_eq!(granted(&simple(&target, FOREIGN).await), None);

    let target = faulty(F::Cor002AllowedRefused).await;
    assert_eq!(granted(&simple(&target, ALLOWED).await), None);
    assert_eq!(preflight(&target, ALLOWED).await.status, 403);

    let target = faulty(F::Cor003Wildcard).await;
    assert_eq!(granted(&simple(&target, FOREIGN).await), Some("*"));

    let target = faulty(F::Cor002VaryMissing).await;
    let reply = simple(&target, ALLOWED).await;
    assert_eq!(
        (granted(&reply), reply.header("vary")),
        (Some(ALLOWED), None)
    );
}

#[tokio::test]
async fn the_environment_lists_the_origins_that_are_allowed() {
    let target = healthy().await;
    let origins = |target: &Target| target.service.environment()["ALLOWED_ORIGINS"].clone();
    assert_eq!(origins(&target), target.service.allowed_origins().join(","));

    target.service.set_fault(Fault::Cor003WildcardEnv, true);
    assert!(origins(&target).ends_with(",*"));
    // The file is wrong; the service is not.
    assert_eq!(granted(&simple(&target, FOREIGN).await), None);

    target.service.set_fault(Fault::Cor003WildcardEnv, false);
    target.service.set_fault(Fault::Cor001HttpInEnv, true);
    assert!(origins(&target).contains("http://"));
    target.service.set_fault(Fault::Cor002EmptyList, true);
    assert_eq!(origins(&faulty(Fault::Cor002EmptyList).await), "");
}
