//! The five forms of a report.

use command_stand::{Stand, both, stdout};

use crate::COMMAND;
use crate::journal::december;

/// What is kept all the time, and a budget that is exceeded.
const FLAGS: [&str; 12] = [
    "--sandbox",
    "--storage-gb",
    "10",
    "--log-gb",
    "2",
    "--secrets",
    "0",
    "--budget",
    "5",
    "--participants",
    "25",
    "--minutes=90",
];

/// The report of December 2025 in this form: by the sandbox's clock it is January.
fn report(form: &str) -> String {
    let stand = Stand::of(COMMAND);
    december(&stand);
    let output = stand.run(FLAGS.into_iter().chain(["--output", form]));
    assert_eq!(output.status.code(), Some(3), "over the budget: {}", both(&output));
    stdout(&output)
}

#[test]
fn as_text() {
    insta::assert_snapshot!("text", report("text"));
}

#[test]
fn as_json_it_is_a_contract() {
    insta::assert_snapshot!("json", report("json"));
}

#[test]
fn as_csv_it_is_one_table() {
    let csv = report("csv");
    let columns = |line: &str| line.split(',').count();
    assert!(csv.lines().all(|line| columns(line) >= 8), "{csv}");
    insta::assert_snapshot!("csv", csv);
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!("markdown", report("markdown"));
}

#[test]
fn as_html_it_is_one_page_that_asks_nobody_for_anything() {
    let page = report("html");
    for elsewhere in ["http:", "https:", "<script", "src=", "@import", "url(", "onload"] {
        let allowed = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!allowed.contains(elsewhere), "{elsewhere}");
    }
    assert_eq!(page.matches("<svg ").count(), 2);
    insta::assert_snapshot!("html", page);
}
