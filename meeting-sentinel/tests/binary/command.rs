//! The command line and the settings, as whoever mistypes them meets them.

use crate::process::{output, run};

const AGENT: (&str, &str) = ("ECS_AGENT_URI", "http://169.254.170.2/api/0123");

#[test]
fn version_and_help_go_to_standard_output() {
    let version = output(&["--version"], &[]);
    assert!(version.status.success());
    let text = String::from_utf8(version.stdout).unwrap();
    assert_eq!(text, format!("meeting-sentinel {}\n", env!("CARGO_PKG_VERSION")));
    let help = output(&["--help"], &[]);
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for part in [
        "--healthy",
        "ECS_AGENT_URI",
        "[jitsi-ops-probe-]",
        "SENTINEL_AGENT_TIMEOUT",
    ] {
        assert!(text.contains(part), "{part} is missing");
    }
}

#[test]
fn anything_else_on_the_command_line_exits_with_2() {
    for args in [
        &["--health"][..],
        &["--healthy", "now"],
        &["watch"],
        &[""],
        &["--interval=5s"],
    ] {
        let (code, said) = run(args, &[AGENT]);
        assert_eq!(code, 2, "{args:?}");
        assert!(said.contains("is not understood\nhint: "), "{said}");
    }
}

#[test]
fn a_bad_setting_exits_with_2_and_names_variable_value_and_what_is_allowed() {
    let (code, said) = run(&[], &[AGENT, ("SENTINEL_INTERVAL", "2h"), ("SENTINEL_QUIET", "2")]);
    assert_eq!(code, 2);
    let mut lines = said.lines();
    let line = lines.next().unwrap();
    assert!(
        line.starts_with("error: SENTINEL_QUIET is `2`: there is no such setting"),
        "{said}"
    );
    let line = lines.next().unwrap();
    assert_eq!(
        line,
        "error: SENTINEL_INTERVAL is `2h`: it must be a time from 10ms to 60s, like `10s`"
    );
    let (code, _) = run(&["--healthy"], &[("SENTINEL_HEALTH_ADDRESS", "0.0.0.0:1")]);
    assert_eq!(code, 2);
}

#[test]
fn outside_of_a_task_it_exits_with_2_and_says_where_it_belongs() {
    let (code, said) = run(&[], &[]);
    assert_eq!(code, 2);
    assert!(said.starts_with("error: ECS_AGENT_URI is not set: "), "{said}");
    assert!(
        said.contains("\nhint: the sentinel runs only in a task of ECS"),
        "{said}"
    );
}

#[test]
fn the_page_about_it_documents_every_setting_and_its_json_can_be_pasted() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/meeting-sentinel.md");
    let page = std::fs::read_to_string(page).unwrap();
    let help = String::from_utf8(output(&["--help"], &[]).stdout).unwrap();
    let settings = help
        .lines()
        .filter_map(|line| line.trim().split_once(' ').map(|(name, _)| name));
    let settings: Vec<&str> = settings.filter(|name| name.starts_with("SENTINEL_")).collect();
    assert_eq!(settings.len(), 9);
    for name in settings {
        assert!(page.contains(&format!("| `{name}` | `")), "{name} is missing");
    }
    let blocks: Vec<&str> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    let blocks: Vec<serde_json::Value> = blocks.iter().map(|json| serde_json::from_str(json).unwrap()).collect();
    assert_eq!(
        blocks[0]["healthCheck"]["command"],
        serde_json::json!(["CMD", "/meeting-sentinel", "--healthy"])
    );
    assert_eq!(blocks[0]["essential"], false);
    assert_eq!(blocks[1]["Statement"][0]["Effect"], "Allow");
}
