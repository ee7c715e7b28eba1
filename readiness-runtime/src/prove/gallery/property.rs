//! Checks that nobody wrote: they read places of any document and demand what stands there, or
//! something else. Proving them changes no verdict, and those that pass are proven.

use std::sync::Mutex;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{registration, run, run_and_prove, settings};
use crate::context::Context;
use crate::ensure;
use crate::error::Result;
use crate::journal::record::ProofStrength;
use crate::observation::json::Json;
use crate::registry::Body;
use crate::run::ProveSettings;
use crate::verdict::{CheckResult, IntoCheckResult};

/// A document, and what is demanded at which of its places.
#[derive(Debug, Clone)]
struct Demand {
    document: Value,
    places: Vec<(String, Value)>,
}

/// A body captures nothing, so what it demands stands here.
static DEMAND: Mutex<Option<Demand>> = Mutex::new(None);

fn demanding(cx: &Context) -> Result<()> {
    let demand = DEMAND.lock().unwrap().clone().unwrap();
    let seen = cx.observe_now("document", || Ok(Json::new(demand.document)))?;
    for (place, expected) in &demand.places {
        let found = seen.at(place);
        ensure!(found.whole() == Some(expected), "{place} is not {expected}");
    }
    Ok(())
}

/// The pointers to all leaves of a document, with what stands there.
fn leaves(value: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{place}/{at}"), found);
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            for (key, field) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                leaves(field, &format!("{place}/{key}"), found);
            }
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            found.push((place.to_owned(), value.clone()));
        }
        _ => {}
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("2026-11-22T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c~/0-2]{1,3}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A document with up to three of its leaves, of which one may be demanded to be another.
fn demands() -> impl Strategy<Value = Demand> {
    let chosen = proptest::collection::vec(any::<prop::sample::Index>(), 1..4);
    (documents(), chosen, any::<bool>()).prop_map(|(inner, chosen, is_met)| {
        // One leaf there is in any case.
        let document = json!({"inner": inner, "version": 3});
        let mut all = Vec::new();
        leaves(&document, "", &mut all);
        let mut places: Vec<_> = chosen.iter().map(|at| at.get(&all).clone()).collect();
        if !is_met {
            places[0].1 = json!({"not": "there"});
        }
        Demand { document, places }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proving_changes_no_verdict_and_proves_what_demands_something(demand in demands()) {
        let is_met = demand.places[0].1 != json!({"not": "there"});
        *DEMAND.lock().unwrap() = Some(demand);
        let body = Body::Sync(|cx| demanding(cx).into_check_result());
        let registration = registration("demanding", body);
        let (proving, _folder) = run(settings());
        let (not_proving, _other) = run(ProveSettings { enabled: false, ..settings() });
        let (with, proof) = run_and_prove(&proving, &registration);
        let (without, _) = run_and_prove(&not_proving, &registration);
        prop_assert_eq!(&with, &without);
        prop_assert_eq!(with == CheckResult::Passed, is_met);
        if let Some(proof) = proof {
            prop_assert_eq!(proof.strength, ProofStrength::Proven, "{:?}", proof);
        }
    }
}
