//! The JSON form is a contract: `docs/schema/status-v1.json`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use command_stand::{Stand, json};
use serde_json::Value;

use crate::COMMAND;

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/schema/status-v1.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The document is as the schema says.
#[track_caller]
pub(crate) fn assert_valid(document: &Value) {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn the_schema_refuses_what_lacks_a_part_or_has_one_too_many() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let good = json(&Stand::of(COMMAND).run(["--sandbox", "--output", "json"]));
    assert_valid(&good);
    let mut lacking = good.clone();
    lacking.as_object_mut().unwrap().remove("cost");
    assert!(!validator.is_valid(&lacking));
    let mut more = good.clone();
    more["service"]["colour"] = "blue".into();
    assert!(!validator.is_valid(&more));
    let mut other = good;
    other["state"] = "fine".into();
    assert!(!validator.is_valid(&other));
}
