//! `POST /api/v1/auth/token`, `/refresh` and `/logout`.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::jwt::{self, Claims, Kind};
use super::valid;
use crate::faults::Fault;
use crate::identity::{Caller, User};
use crate::service::App;
use crate::web::ClientAddress;
use crate::web::body;
use crate::web::reply::{ApiError, json_reply};

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

/// A pair of tokens for a user name and a password.
pub(crate) async fn token(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let login: Login = body::read(&body)?;
    let now = app.clock.now();
    let address = address.for_logins(&app.faults);
    if let Some(wait) = app
        .logins
        .closed_for(&login.username, address, now, &app.faults)
    {
        return Ok(closed(wait));
    }
    let Some(user) = app.directory.login(&login.username, &login.password) else {
        app.logins
            .failed(&login.username, address, now, &app.faults);
        return Err(ApiError::bad_credential("user name or password is wrong"));
    };
    app.logins.succeeded(&login.username, address, &app.faults);
    Ok(pair(&app, user))
}

/// Too many failed logins.
fn closed(wait: i64) -> Response {
    let detail = format!("too many failed logins; the next one is possible in {wait} s");
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut reply = ApiError::new(status, "too_many_failed_logins", detail).into_response();
    reply
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(wait));
    reply
}

/// A new access and refresh token.
fn pair(app: &App, user: &User) -> Response {
    let body = json!({
        "access_token": issued(app, user, Kind::Access),
        "refresh_token": issued(app, user, Kind::Refresh),
        "token_type": "bearer",
        "expires_in": Kind::Access.life(),
    });
    let mut reply = json_reply(StatusCode::OK, &body);
    let never = HeaderValue::from_static("no-store");
    reply.headers_mut().insert(header::CACHE_CONTROL, never);
    reply
}

fn issued(app: &App, user: &User, kind: Kind) -> String {
    let now = app.clock.now().as_second();
    let claims = Claims {
        sub: user.name.clone(),
        tier: user.tier.as_str().to_owned(),
        kind,
        jti: app.next_id("jti"),
        iat: now,
        exp: (!app.faults.on(Fault::Sec001NoExp)).then(|| now + kind.life()),
    };
    app.open_tokens.given_out(&claims);
    jwt::sign(&claims, &app.secret_key)
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: String,
}

/// A new pair for a refresh token, which is used up by that.
pub(crate) async fn refresh(State(app): State<App>, body: Bytes) -> Result<Response, ApiError> {
    let refresh: Refresh = body::read(&body)?;
    let claims = valid(&app, &refresh.refresh_token, Kind::Refresh).await?;
    let user = app.directory.user(&claims.sub);
    let user = user.ok_or_else(|| ApiError::bad_credential("the user does not exist"))?;
    revoke(&app, &claims).await?;
    Ok(pair(&app, user))
}

#[derive(Default, Deserialize)]
struct Logout {
    refresh_token: Option<String>,
}

/// Revokes the access token that the request is sent with, and the refresh token in its body.
pub(crate) async fn logout(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let claims = caller.token.ok_or_else(ApiError::no_credential)?;
    let logout: Logout = if body.is_empty() {
        Logout::default()
    } else {
        body::read(&body)?
    };
    if let Some(token) = &logout.refresh_token {
        let other = valid(&app, token, Kind::Refresh).await?;
        if other.sub != claims.sub {
            return Err(ApiError::bad_credential(
                "the refresh token is somebody else's",
            ));
        }
        revoke(&app, &other).await?;
    }
    revoke(&app, &claims).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn revoke(app: &App, claims: &Claims) -> Result<(), ApiError> {
    let revoked = app.revocations.revoke(claims).await;
    if revoked.is_ok() {
        app.open_tokens.revoked(claims);
    }
    revoked.map_err(|error| ApiError::unavailable("revocation list", &error))
}
