//! Many services in one process, and the end of a service.

use readiness_reference::{Fault, RefConfig, RefService, StartError};

use crate::client::{Target, config, start};

#[tokio::test]
async fn many_services_do_not_share_anything() {
    let starting = (0..20).map(|i| {
        let config = config();
        start(if i % 2 == 0 {
            config.fault(Fault::Hdr002Missing)
        } else {
            config
        })
    });
    let mut targets: Vec<Target> = Vec::new();
    for target in starting {
        targets.push(target.await);
    }
    for (i, target) in targets.iter().enumerate() {
        let (served, reply) = target.burst("anonymous", 12).await;
        assert_eq!(served, 10);
        assert_eq!(reply.header("x-frame-options").is_none(), i % 2 == 0);
        target.advance(60);
        assert_eq!(target.get("/chains").await.status, 200);
    }
}

#[tokio::test]
async fn a_fault_can_be_switched_while_the_service_runs() {
    let target = start(config()).await;
    assert_eq!(target.get("/health").await.status, 200);
    target.service.set_fault(Fault::Hlth001Missing, true);
    assert_eq!(target.service.faults(), [Fault::Hlth001Missing]);
    assert_eq!(target.get("/health").await.status, 404);
    target.service.set_fault(Fault::Hlth001Missing, false);
    assert_eq!(target.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_stopped_service_frees_its_port() {
    let first = RefService::start(RefConfig::new()).await.unwrap();
    let port: u16 = first
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let error = RefService::start(RefConfig::new().port(port))
        .await
        .unwrap_err();
    assert!(matches!(error, StartError::Bind { .. }));
    assert!(error.to_string().contains(&port.to_string()));
    first.stop().await;
    RefService::start(RefConfig::new().port(port))
        .await
        .unwrap();
}
