//! Tokens: logging in, refreshing, logging out.
//!
//! An access token lives 15 minutes and opens what the user's tier includes; a refresh token
//! lives 7 days and buys one new pair. Logging out revokes the token it is sent with, and the
//! refresh token in its body. [`jwt`] signs and reads tokens, [`logins`] bounds failed attempts,
//! [`revocation`] remembers what was revoked, [`open`] what was not.

pub(crate) mod jwt;
pub(crate) mod logins;
pub(crate) mod open;
pub(crate) mod revocation;
mod routes;

pub(crate) use routes::{logout, refresh, token};

use self::jwt::{Claims, Kind};
use self::revocation::Revoked;
use crate::faults::Fault;
use crate::identity::User;
use crate::service::App;
use crate::web::reply::ApiError;

/// The user of an access token that is valid now.
pub(crate) async fn user_of<'a>(app: &'a App, token: &str) -> Result<(&'a User, Claims), ApiError> {
    let claims = valid(app, token, Kind::Access).await?;
    let user = app.directory.user(&claims.sub);
    user.map(|user| (user, claims))
        .ok_or_else(|| ApiError::bad_credential("the user of this token does not exist"))
}

/// The claims of a token that is genuine, of the right kind, alive and not revoked.
async fn valid(app: &App, token: &str, kind: Kind) -> Result<Claims, ApiError> {
    let faults = &app.faults;
    let claims = jwt::read(token, &app.secret_key, faults)
        .map_err(|flaw| ApiError::bad_credential(flaw.to_string()))?;
    if claims.kind != kind && !faults.on(Fault::Sec001RefreshAsAccess) {
        return Err(ApiError::bad_credential("this is not that kind of token"));
    }
    let is_over = claims
        .exp
        .is_some_and(|exp| exp <= app.clock.now().as_second());
    if is_over && !faults.on(Fault::Sec001AcceptsExpired) {
        return Err(ApiError::bad_credential("the token has expired"));
    }
    match app.revocations.status(&claims).await {
        Ok(Revoked::No) => Ok(claims),
        Ok(Revoked::Yes) => Err(ApiError::bad_credential("the token was revoked")),
        // Whether the token was revoked cannot be known: it is not let in.
        Err(error) => Err(ApiError::unavailable("revocation list", &error)),
    }
}
