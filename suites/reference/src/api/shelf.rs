//! The routes of what callers own: list, create, get, replace and delete, the same for every kind of
//! object. What differs is a [`Shelf`].

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::account::{Full, Kind};
use crate::faults::FaultSet;
use crate::identity::Caller;
use crate::service::{App, Service};
use crate::web::reply::{ApiError, json_reply};

/// One kind of object.
pub(super) trait Shelf: 'static {
    /// Which.
    const KIND: Kind;
    /// What one is called: `webhook`.
    const NAME: &'static str;
    /// What ids begin with.
    const ID: &'static str;

    /// Refuses callers who may have none.
    fn admit(service: &Service, caller: &Caller, method: &Method) -> Result<(), ApiError>;

    /// The object that a body asks for.
    fn read(app: &App, id: &str, body: &Bytes) -> Result<Value, ApiError>;

    /// How many the caller may have; `None` is no limit.
    fn most(caller: &Caller, faults: &FaultSet) -> Option<usize>;

    /// The refusal of one too many.
    fn full(caller: &Caller, faults: &FaultSet) -> ApiError;

    /// Takes out what is shown only once.
    fn show(object: &mut Value, faults: &FaultSet) {
        let _ = (object, faults);
    }

    /// Whether what was deleted still counts.
    fn counts_for_ever(caller: &Caller, faults: &FaultSet) -> bool {
        let _ = (caller, faults);
        false
    }

    /// Whether what is created is kept.
    fn is_kept(faults: &FaultSet) -> bool {
        let _ = faults;
        true
    }
}

fn unknown<S: Shelf>() -> ApiError {
    ApiError::not_found(format!("there is no such {} among yours", S::NAME))
}

pub(super) async fn list<S: Shelf>(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    S::admit(&app, &caller, &Method::GET)?;
    let mut objects = app.objects.list(&caller.name, S::KIND);
    for object in &mut objects {
        S::show(object, &app.faults);
    }
    let mut body = Map::new();
    body.insert("total".to_owned(), json!(objects.len()));
    body.insert(format!("{}s", S::NAME), Value::Array(objects));
    Ok(json_reply(StatusCode::OK, &Value::Object(body)))
}

pub(super) async fn create<S: Shelf>(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    S::admit(&app, &caller, &Method::POST)?;
    let id = app.next_id(S::ID);
    let object = S::read(&app, &id, &body)?;
    if S::is_kept(&app.faults) {
        let most = S::most(&caller, &app.faults);
        let for_ever = S::counts_for_ever(&caller, &app.faults);
        let kept = (id.as_str(), object.clone());
        let created = app
            .objects
            .create(&caller.name, S::KIND, kept, most, for_ever);
        created.map_err(|Full| S::full(&caller, &app.faults))?;
    }
    Ok(json_reply(StatusCode::CREATED, &object))
}

pub(super) async fn get<S: Shelf>(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    S::admit(&app, &caller, &Method::GET)?;
    let found = app.objects.get(&caller.name, S::KIND, &id);
    let mut object = found.ok_or_else(unknown::<S>)?;
    S::show(&mut object, &app.faults);
    Ok(json_reply(StatusCode::OK, &object))
}

pub(super) async fn replace<S: Shelf>(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    S::admit(&app, &caller, &Method::PUT)?;
    let object = S::read(&app, &id, &body)?;
    let objects = &app.objects;
    if !objects.replace(&caller.name, S::KIND, &id, object.clone()) {
        return Err(unknown::<S>());
    }
    Ok(json_reply(StatusCode::OK, &object))
}

pub(super) async fn delete<S: Shelf>(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    S::admit(&app, &caller, &Method::DELETE)?;
    if !app.objects.delete(&caller.name, S::KIND, &id) {
        return Err(unknown::<S>());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
