//! Every requirement names a test that exists.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Names of all test functions below `folder`.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            tests_below(&path, found);
        } else if name.ends_with(".rs") {
            found.extend(test_functions(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Functions with a `#[test]` or `#[tokio::test]` right above them, other attributes in between allowed.
fn test_functions(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(rest) = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            if is_test {
                found.push(rest.split(['(', '<']).next().unwrap().to_owned());
            }
            is_test = false;
        } else if !(line.starts_with('#') || line.starts_with("//") || line.is_empty()) {
            is_test = false;
        }
    }
    found
}

/// Id, sentence, reason and tests of every requirement.
fn requirements() -> Vec<(String, String, String, Vec<String>)> {
    let text = fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let is_id = |cell: &str| {
        cell.split_once('-').is_some_and(|(area, n)| {
            area.len() >= 2 && area.chars().all(|c| c.is_ascii_uppercase()) && n.parse::<u32>().is_ok()
        })
    };
    let mut found = Vec::new();
    for line in text.lines().filter(|l| l.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        if !is_id(cells[0]) {
            continue;
        }
        assert_eq!(cells.len(), 4, "not four columns: {line}");
        let tests = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        found.push((cells[0].to_owned(), cells[1].to_owned(), cells[2].to_owned(), tests));
    }
    found
}

#[test]
fn every_requirement_names_tests_that_exist() {
    let mut tests = BTreeSet::new();
    tests_below(&root(), &mut tests);
    let requirements = requirements();
    assert!(
        requirements.len() > 50,
        "only {} requirements were read",
        requirements.len()
    );
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    for (id, sentence, reason, named) in &requirements {
        if !ids.insert(id) {
            wrong.push(format!("{id} stands twice"));
        }
        if !sentence.contains(" shall ") || reason.is_empty() {
            wrong.push(format!("{id} is no requirement with a reason: {sentence}"));
        }
        if named.is_empty() {
            wrong.push(format!("{id} names no test"));
        }
        wrong.extend(
            named
                .iter()
                .filter(|t| !tests.contains(*t))
                .map(|t| format!("{id} names `{t}`, which does not exist")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_function_counts_as_a_test_only_with_the_attribute() {
    let source = "#[test]\nfn one() {}\n#[tokio::test(start_paused = true)]\nasync fn two() {}\nfn three() {}\n";
    assert_eq!(test_functions(source), ["one", "two"]);
}
