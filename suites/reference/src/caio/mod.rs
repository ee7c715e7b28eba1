//! The second product in miniature: CAIO, a broker between services. It keeps a registry of services
//! and the contracts they are used under, and runs orchestrations over them.
//!
//! It shares the way of a request with the first product ([`crate::web::pipeline`]): log, metrics,
//! CORS, headers, errors, clock and limiter are the same code. What is its own:
//!
//! | module | |
//! |---|---|
//! | [`settings`] | the variables it is started with; a start with values that make no sense is refused |
//! | [`members`], [`door`] | who may ask for what, and how often |
//! | [`registry`], [`contracts`], [`orchestrate`] | what it is for |
//! | [`audit`] | a record of everything that concerns security |
//! | [`slo`] | latency objectives, and the alerts when they are missed |
//! | [`health`], [`exposed`], [`openapi`] | what it tells about itself |
//! | [`table`] | the routes, with who may use them |

pub(crate) mod audit;
pub(crate) mod contracts;
pub(crate) mod door;
mod exposed;
mod health;
pub(crate) mod members;
mod openapi;
mod orchestrate;
pub(crate) mod registry;
pub(crate) mod settings;
pub(crate) mod slo;
mod table;

use axum::Router;
use axum::middleware::from_fn_with_state;

use self::audit::AuditLog;
use self::contracts::Contracts;
use self::members::Members;
use self::registry::Registry;
use self::settings::Settings;
use self::slo::Objectives;
use self::table::OPERATIONS;
use crate::service::App;
use crate::web::pipeline;
use crate::web::reply::ApiError;

/// What a CAIO deployment keeps; its instances share it.
#[derive(Debug)]
pub(crate) struct Caio {
    pub settings: Settings,
    pub members: Members,
    pub registry: Registry,
    pub contracts: Contracts,
    pub audit: AuditLog,
    pub objectives: Objectives,
    pub refusals: door::Refusals,
}

impl Caio {
    pub fn new(settings: Settings) -> Caio {
        Caio {
            members: Members::new(),
            registry: Registry::new(settings.registry_size),
            contracts: Contracts::new(settings.contract_life),
            audit: AuditLog::default(),
            objectives: Objectives::default(),
            refusals: door::Refusals::default(),
            settings,
        }
    }
}

/// All routes, behind the pipeline that every request goes through.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        router = router.route(operation.path, (operation.handler)());
    }
    router
        .fallback(async || ApiError::no_route())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), pipeline))
        .with_state(app)
}
