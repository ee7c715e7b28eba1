//! What is noted, and what is altered for it.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn tracked(value: Value) -> (Json, Reads) {
    let reads = Reads::listening();
    (Json::tracked(Arc::new(value), reads.clone(), "body"), reads)
}

fn facets(reads: &Reads) -> Vec<String> {
    reads.facets().into_iter().map(|facet| facet.0).collect()
}

fn words(value: &Value, reads: &Reads) -> Vec<String> {
    let all = alterations(value, "body", &reads.facets());
    all.into_iter().map(|alteration| alteration.words).collect()
}

#[test]
fn only_what_was_read_is_noted() {
    let (body, reads) = tracked(json!({"data": [{"a/b": 1, "c": null}], "total": 3, "x": true}));
    let rows = body.get("data").items().unwrap();
    assert_eq!(rows[0].get("a/b").as_i64(), Some(1));
    assert!(rows[0].at("c").is_null());
    assert_eq!(body.at("/total").as_f64(), Some(3.0));
    assert!(body.get("error").is_absent());
    let _not_read = body.get("x");
    assert_eq!(
        facets(&reads),
        [
            "body:/data#len",
            "body:/data/0/a~1b",
            "body:/data/0/c#null",
            "body:/error#absent",
            "body:/total"
        ]
    );
}

#[test]
fn shapes_that_are_not_there_are_findings_with_their_place() {
    let (body, _) = tracked(json!({"data": [{"chain": 5}], "n": 1.5, "s": "x"}));
    let errors = [
        (
            body.get("data").index(0).get("chain").str().map(drop),
            "data[0].chain is a number, a text was expected",
        ),
        (
            body.get("data").index(1).str().map(drop),
            "data[1] is missing, a text was expected",
        ),
        (
            body.get("n").i64().map(drop),
            "n is a number, a whole number was expected",
        ),
        (
            body.get("s").f64().map(drop),
            "s is a text, a number was expected",
        ),
        (
            body.get("s").items().map(drop),
            "s is a text, a list was expected",
        ),
        (
            body.bool().map(drop),
            "the document is an object, true or false was expected",
        ),
    ];
    for (result, message) in errors {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.class(), crate::error::Class::Finding);
    }
    let typed = body.get("data").to::<Vec<u8>>().unwrap_err();
    assert!(typed.to_string().starts_with("data: "), "{typed}");
}

#[test]
fn alterations_follow_the_facets_strongest_first_in_turn() {
    let value = json!({"data": [{"time": "2026-11-22T00:00:00Z"}], "n": 5, "unread": 1});
    let (body, reads) = tracked(value.clone());
    let _ = body.get("data").items().unwrap()[0].get("time").as_str();
    let _ = body.get("n").as_i64();
    assert_eq!(
        words(&value, &reads),
        [
            "data is empty",
            "data[0].time is missing",
            "n is missing",
            "data has an element twice",
            "data[0].time is null",
            "n is null",
            "data has an element less",
            "data[0].time is ten years later",
            "n is 6",
            "data[0].time is ten years earlier",
            "n is 4",
            "data[0].time is empty",
            "n is 5000",
            "data[0].time has another value",
            "n is -6",
            "data[0].time is a number",
            "n is a text",
        ]
    );
}

#[test]
fn of_many_rows_the_first_and_the_last_are_altered() {
    let value = json!({"data": (0..120).map(|n| json!({"n": n})).collect::<Vec<_>>()});
    let (body, reads) = tracked(value.clone());
    for row in body.get("data").items().unwrap() {
        let _ = row.get("n").as_i64();
    }
    let touched: BTreeSet<String> = words(&value, &reads)
        .iter()
        .filter_map(|words| {
            words
                .strip_prefix("data[")?
                .split_once(']')
                .map(|(at, _)| at.to_owned())
        })
        .collect();
    assert_eq!(touched, BTreeSet::from(["0".to_owned(), "119".to_owned()]));
}

#[test]
fn nothing_is_altered_where_nothing_was() {
    let value = json!({"data": [], "o": {}});
    let (body, reads) = tracked(value.clone());
    assert!(body.get("data").is_empty() && body.get("o").is_empty());
    assert!(!body.get("gone").exists());
    assert_eq!(body.get("gone").as_str(), None);
    assert_eq!(words(&value, &reads), Vec::<String>::new());
}

#[test]
fn an_absence_that_was_asked_for_is_filled() {
    let value = json!({"error": {"id": 1}});
    let (body, reads) = tracked(value.clone());
    assert!(body.at("/error/stack").is_absent());
    assert!(!body.get("error").is_absent());
    assert!(body.at("/none/below").is_absent());
    assert_eq!(
        words(&value, &reads),
        ["error is missing", "error.stack is there"]
    );
    let all = alterations(&value, "body", &reads.facets());
    assert_eq!(
        all[1].apply(&value),
        json!({"error": {"id": 1, "stack": "added"}})
    );
}

#[test]
fn an_observed_document_is_the_place_that_was_given() {
    let mut inner = Json::new(json!({"a": {"b": [1, 2]}})).get("a");
    let reads = Reads::listening();
    inner.attach(reads.clone());
    assert_eq!(inner.get("b").len(), 2);
    assert_eq!(facets(&reads), ["json:/b#len"]);
    assert_eq!(serde_json::to_value(&inner).unwrap(), json!({"b": [1, 2]}));
    assert!(inner.same(&Json::new(json!({"b": [1, 2]}))));
    for mutant in inner.mutants(&reads.facets()) {
        let words = mutant.words.clone();
        assert!(!mutant.apply(&inner).unwrap().same(&inner), "{words}");
    }
}

/// Any JSON of moderate size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Just(json!("2026-11-22")),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[a-c~/0-2]{0,3}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever was read of whatever document: each alteration is applied, to something else.
    #[test]
    fn every_alteration_changes_the_document(value in any_json()) {
        let (body, reads) = tracked(value.clone());
        body.whole();
        for alteration in alterations(&value, "body", &reads.facets()) {
            prop_assert_ne!(alteration.apply(&value), value.clone(), "{}", alteration.words);
        }
    }

    #[test]
    fn facets_of_other_documents_do_no_harm(value in any_json(), facets in proptest::collection::btree_set("body:(/[a-c0-9#~]{0,4}){0,3}(#len|#absent)?", 0..10)) {
        let read: BTreeSet<Facet> = facets.into_iter().map(Facet).collect();
        for alteration in alterations(&value, "body", &read) {
            drop(alteration.apply(&value));
        }
    }
}
