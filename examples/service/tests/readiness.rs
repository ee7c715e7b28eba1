//! Five rows, checked over HTTP against the service itself, started once on a free port.

use std::sync::Arc;

use example_service::{KEY, PAGE, Store, app};
use readiness::{Context, Resource, Result, Unavailable, Verdict, ensure, requirement};
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::{errors, headers, worst};

readiness::main!();

/// The running service. `Arc<Orders>` in a check's parameters is one for the whole run.
struct Orders {
    store: Store,
    /// Absent under replay, where nothing leaves the process.
    way_in: Option<(String, Transport)>,
}

impl Orders {
    fn anonymous(&self, cx: &Context) -> Client {
        self.client(cx, Identity::anonymous())
    }

    fn customer(&self, cx: &Context) -> Client {
        self.client(cx, Identity::with_key("customer", KEY))
    }

    fn client(&self, cx: &Context, who: Identity) -> Client {
        match &self.way_in {
            Some((base, transport)) => Client::new(cx, base, transport, who),
            None => Client::replayed(cx, who.name()),
        }
    }
}

impl Resource for Orders {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        let refused =
            |error: std::io::Error| Unavailable::new(format!("no port to serve on: {error}"));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(refused)?;
        let base = format!("http://{}", listener.local_addr().map_err(refused)?);
        let store = Store::default();
        let service = axum::serve(listener, app(store.clone())).into_future();
        // It ends with the process.
        tokio::spawn(service);
        let transport = Transport::new(Bounds::default())?;
        Ok(Self {
            store,
            way_in: Some((base, transport)),
        })
    }

    fn replay(_: &Context) -> Option<Self> {
        Some(Self {
            store: Store::default(),
            way_in: None,
        })
    }
}

// Alone with the store: the others would see it gone.
#[requirement("SVC-001", exclusive = "store")]
async fn health_follows_the_store(cx: Context, orders: Arc<Orders>) -> Result<()> {
    let api = orders.anonymous(&cx);
    let well = api.get("/health").await?.status();
    orders.store.set_lost(true);
    let lost = api.get("/health").await;
    orders.store.set_lost(false);
    let lost = lost?.status();
    ensure!(well == 200, "/health answers {well} while all is well");
    ensure!(
        lost == 503,
        "/health answers {lost} while the store is gone"
    );
    Ok(())
}

#[requirement("SVC-002")]
async fn orders_need_a_key(cx: Context, orders: Arc<Orders>) -> Result<Verdict> {
    let refused = orders.anonymous(&cx).get("/orders").await?;
    // The positive control: the same request is served to somebody who may.
    let served = orders.customer(&cx).get("/orders").await?;
    ensure!(
        served.status() == 200,
        "a customer gets {}",
        served.status()
    );
    Ok(errors::is_error(&refused, 401))
}

#[requirement("SVC-003")]
async fn what_is_not_there_is_404(cx: Context, orders: Arc<Orders>) -> Result<Verdict> {
    let reply = orders.customer(&cx).get("/orders/999999").await?;
    Ok(worst([
        errors::is_error(&reply, 404),
        errors::names_the_error(&reply),
    ]))
}

#[requirement("SVC-004")]
async fn replies_forbid_sniffing_and_framing(cx: Context, orders: Arc<Orders>) -> Result<Verdict> {
    let api = orders.customer(&cx);
    let mut verdicts = Vec::new();
    for path in ["/health", "/orders", "/orders/999999"] {
        let reply = api.get(path).await?;
        verdicts.push(headers::content_type_options(&reply));
        verdicts.push(headers::frame_options(&reply));
    }
    Ok(worst(verdicts))
}

#[requirement("SVC-005")]
async fn pages_are_bounded(cx: Context, orders: Arc<Orders>) -> Result<()> {
    let page = orders
        .customer(&cx)
        .get("/orders?size=100000")
        .await?
        .json()?;
    let (rows, total) = (page.get("orders").items()?.len(), page.get("total").i64()?);
    // With fewer orders than a page holds nothing would be shown.
    ensure!(
        total > i64::try_from(PAGE).unwrap_or(i64::MAX),
        "only {total} orders to page"
    );
    ensure!(
        rows == PAGE,
        "a page has {rows} orders, {PAGE} are allowed and there are more"
    );
    Ok(())
}
