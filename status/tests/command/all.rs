//! `--all`: a row for each profile, and one that cannot be reached holds nobody up.

use command_stand::{Signal, Stand, both, code, json, stdout};

use crate::COMMAND;
use crate::schema::assert_valid;

const TWO: &str = "\
[profiles.ops]
domain = \"meet.example.org\"
[profiles.other]
domain = \"talk.example.org\"
project_name = \"other\"
";

#[test]
fn each_profile_has_a_row_in_text_and_a_whole_document_in_json() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration(TWO);
    let output = stand.run(["--sandbox", "--all", "--no-probes", "-q", "--config", &config]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let text = stdout(&output);
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "ops    meet.example.org  standby       0/0      -              $0.0000/h",
            "other  talk.example.org  standby       0/0      -              $0.0000/h",
        ]
    );
    let output = stand.run([
        "--sandbox",
        "--all",
        "--no-probes",
        "--output",
        "json",
        "--config",
        &config,
    ]);
    let document = json(&output);
    assert_eq!(document["schema"], "jitsi-ops/status-all/v1");
    assert_eq!(document["platforms"][0]["profile"], "ops");
    assert_eq!(document["platforms"][1]["domain"], "talk.example.org");
    for platform in document["platforms"].as_array().into_iter().flatten() {
        assert_valid(&platform["status"]);
    }
}

#[test]
fn interrupted_it_ends_with_130() {
    let stand = Stand::of(COMMAND);
    // Nobody answers there, and nobody refuses.
    let listener = std::net::TcpListener::bind("127.0.0.1:0");
    let address = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    let url = address.map(|address| format!("http://{address}")).unwrap_or_default();
    let config = stand.configuration(TWO);
    let running = stand.start(
        [
            "--all",
            "--no-probes",
            "-v",
            "--endpoint-url",
            &url,
            "--config",
            &config,
        ],
        1,
    );
    // It has asked: then it listens to signals.
    let asked = listener.and_then(|listener| listener.accept());
    assert!(asked.is_ok());
    running.send(Signal::SIGINT);
    assert_eq!(running.ends(), Some(130));
}

#[test]
fn a_profile_without_credentials_is_an_error_in_its_row_only() {
    let stand = Stand::of(COMMAND);
    let url = stand.serve();
    stand.aws_profile("good", "123456789012");
    let config = stand.configuration(
        "[defaults]\nproject_name = \"jitsi-video-platform\"\n[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"good\"\n\
         [profiles.lost]\ndomain = \"lost.example.org\"\nproject_name = \"lost\"\naws_profile = \"nowhere\"\n",
    );
    let output = stand.run([
        "--all",
        "--no-probes",
        "-q",
        "--endpoint-url",
        &url,
        "--config",
        &config,
    ]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    let text = stdout(&output);
    assert!(text.contains("meet.example.org  standby"), "{}", both(&output));
    assert!(
        text.contains("lost.example.org  error: there is no AWS profile `nowhere`"),
        "{}",
        both(&output)
    );
}

#[test]
fn an_expectation_holds_for_all() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration(TWO);
    for (state, exit) in [("standby", 0), ("active", 3)] {
        let output = stand.run([
            "--sandbox",
            "--all",
            "--no-probes",
            "--expect",
            state,
            "--config",
            &config,
        ]);
        assert_eq!(code(&output), exit, "{}", both(&output));
    }
}
