//! A tiny client: requests with a few headers, replies read whole.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use readiness_reference::{Fault, RefConfig, RefHandle, RefService};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

/// 17.5 seconds into a minute, so that nothing depends on a window's edge.
pub const START: &str = "2026-03-01T12:00:17.5Z";

pub struct Target {
    pub service: RefHandle,
    client: reqwest::Client,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, Vec<String>>,
    pub text: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.headers.get(name)?;
        assert_eq!(values.len(), 1, "{name} is there several times: {values:?}");
        Some(&values[0])
    }

    pub fn number(&self, name: &str) -> i64 {
        let value = self.header(name).unwrap_or_else(|| panic!("no {name}"));
        value.parse().unwrap_or_else(|_| panic!("{name}: {value}"))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The `data` of a page.
    pub fn rows(&self) -> Vec<Value> {
        self.json()["data"]
            .as_array()
            .expect("data is a list")
            .clone()
    }
}

/// A service without a fault, its clock at [`START`].
pub async fn healthy() -> Target {
    start(config()).await
}

/// A service with one fault.
pub async fn faulty(fault: Fault) -> Target {
    start(config().fault(fault)).await
}

pub fn config() -> RefConfig {
    RefConfig::new().frozen_at(START.parse().unwrap())
}

pub async fn start(config: RefConfig) -> Target {
    Target {
        service: RefService::start(config).await.unwrap(),
        client: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
    }
}

impl Target {
    /// Without a key.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], None).await
    }

    /// With the key of an account.
    pub async fn get_as(&self, account: &str, path: &str) -> Reply {
        let key = self.key(account);
        self.send(Method::GET, path, &[("x-api-key", &key)], None)
            .await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(Method::GET, path, headers, None).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        let url = format!("{}{path}", self.service.base_url());
        self.send_to(method, url, headers, body).await
    }

    /// To the control listener.
    pub async fn control(&self, path: &str, body: Option<&Value>) -> Reply {
        let url = format!("{}{path}", self.service.control_url().unwrap());
        let method = if body.is_some() {
            Method::POST
        } else {
            Method::GET
        };
        self.send_to(method, url, &[], body.map(Value::to_string))
            .await
    }

    async fn send_to(
        &self,
        method: Method,
        url: String,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        let mut request = self.client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let mut headers = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            headers.entry(name.to_string()).or_default().push(value);
        }
        Reply {
            status: response.status().as_u16(),
            headers,
            text: response.text().await.unwrap(),
        }
    }

    pub fn key(&self, account: &str) -> String {
        let accounts = self.service.accounts();
        let found = accounts.into_iter().find(|known| known.name == account);
        found
            .unwrap_or_else(|| panic!("no account {account}"))
            .api_key
    }

    /// Sends until refused, at most `most` times: how many were served, and the last reply.
    pub async fn burst(&self, account: &str, most: usize) -> (usize, Reply) {
        for served in 0..most {
            let reply = match account {
                "anonymous" => self.get("/chains").await,
                account => self.get_as(account, "/chains").await,
            };
            if reply.status != 200 {
                return (served, reply);
            }
        }
        let reply = self.get("/health").await;
        (most, reply)
    }

    pub fn advance(&self, seconds: u64) {
        self.service
            .clock()
            .advance(std::time::Duration::from_secs(seconds));
    }

    /// Another instance of the same deployment.
    pub async fn second(&self) -> Target {
        Target {
            service: self.service.second_instance().await.unwrap(),
            client: self.client.clone(),
        }
    }

    pub async fn send_as(
        &self,
        account: &str,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Reply {
        let key = self.key(account);
        self.send(method, path, &[("x-api-key", &key)], body).await
    }

    pub async fn post_as(&self, account: &str, path: &str, body: &Value) -> Reply {
        self.send_as(account, Method::POST, path, Some(body.to_string()))
            .await
    }

    pub async fn login(&self, username: &str, password: &str) -> Reply {
        let body = json!({ "username": username, "password": password }).to_string();
        self.send(Method::POST, "/api/v1/auth/token", &[], Some(body))
            .await
    }
}

/// Header, claims and signature of a token; nulls if it is none.
pub fn jwt_parts(token: &str) -> (Value, Value, String) {
    let parts: Vec<&str> = token.split('.').collect();
    let json = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    };
    (json(parts[0]), json(parts[1]), parts[2].to_owned())
}

/// A token of this header and these claims: without a signature, or signed with a secret.
pub fn resign(header: &Value, claims: &Value, secret: Option<&str>) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let Some(secret) = secret else {
        return format!("{signed}.");
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}
