//! `aws-sandbox site`, on a state file.

use aws_sandbox::Sandbox;
use serde_json::Value;

use crate::command::{folder, run};
use crate::wire::SERVICE;

/// What a state file says of sites.
fn kept(state: &std::path::Path) -> Value {
    let state: Value = serde_json::from_slice(&std::fs::read(state).unwrap()).unwrap();
    state["world"]["behaviour"]["site_faults"].clone()
}

#[tokio::test]
async fn what_is_wrong_with_a_site_is_set_by_command_and_lasts() {
    let (_folder, state) = folder();
    assert_eq!(run(&state, &["site", "expired"]).0, 1, "there is no state");
    drop(Sandbox::open(&state, 60.0).unwrap());
    for (what, told) in [
        ("wrong-name", "has a certificate for another name"),
        ("expired", "has a certificate that has expired"),
        ("bad-gateway", "answers 502"),
        ("other-site", "shows the page of another site"),
        ("config-host", "names another host in its config.js"),
        ("no-bundles", "shows its front page in the place of its scripts"),
        ("no-prosody", "answers 502 for http-bind and xmpp-websocket"),
        ("no-websocket", "shows its front page at xmpp-websocket"),
        ("wrong-subprotocol", "agrees to another subprotocol than xmpp"),
        ("no-anonymous", "offers no login without an account"),
        ("closed", "lets nobody in without a token"),
        ("no-jicofo", "has nobody who looks after conferences"),
    ] {
        let (code, out, _) = run(&state, &["site", what]);
        assert_eq!((code, out), (0, format!("the site of `{SERVICE}` {told}\n")));
        let faults = kept(&state);
        let faults: Vec<&Value> = faults.as_object().unwrap().values().collect();
        assert_eq!(faults, [what], "one at a time");
    }
    let (code, out, _) = run(&state, &["site", "well", "--service", SERVICE]);
    assert_eq!((code, out), (0, format!("the site of `{SERVICE}` is well\n")));
    assert_eq!(kept(&state), serde_json::json!({}));
    let (code, _, err) = run(&state, &["site", "well", "--service", "other"]);
    assert!(
        code == 1 && err.contains("there is no service `other` in the sandbox"),
        "{err}"
    );
    assert_eq!(run(&state, &["site", "ill"]).0, 2);
}

#[tokio::test]
async fn a_state_of_before_there_were_sites_is_still_read() {
    let (_folder, state) = folder();
    drop(Sandbox::open(&state, 60.0).unwrap());
    let mut saved: Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    let behaviour = saved["world"]["behaviour"].as_object_mut().unwrap();
    assert!(behaviour.remove("site_faults").is_some());
    let world = saved["world"].as_object_mut().unwrap();
    assert!(world.remove("conferences").is_some());
    let profile = world["profile"].as_object_mut().unwrap();
    assert!(profile.remove("conference_initial").is_some());
    // The format has to stand first.
    let text = format!(
        "{{\"format\":{},{}",
        saved["format"],
        &saved.to_string()[1..].replacen("\"format\":3,", "", 1)
    );
    std::fs::write(&state, text).unwrap();
    assert_eq!(run(&state, &["site", "expired"]).0, 0);
    assert_eq!(run(&state, &["bill"]).0, 0);
}

#[test]
fn who_wants_the_world_of_a_state_file_and_no_other_is_told_when_it_breaks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    assert!(
        sandbox
            .try_world(|world| world.services().len())
            .is_ok_and(|services| services == 1)
    );
    std::fs::write(&state, "{").unwrap();
    assert!(sandbox.try_world(|_| ()).is_err());
}
