//! A bridge that advertises the load balancer's addresses, from configuration to result.

use std::net::IpAddr;

use command_stand::{Stand, both, code, json, stdout};
use serde_json::Value;

use crate::COMMAND;

fn through_the_load_balancer(stand: &Stand) -> String {
    stand.configuration(
        "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n\
         nlb = { listeners = [\"udp:10000\", \"tcp:443->8000\"], advertise = \"nlb\" }\n",
    )
}

#[test]
fn the_result_tells_what_the_bridge_advertises_and_a_second_run_changes_nothing() {
    let stand = Stand::of(COMMAND);
    let config = through_the_load_balancer(&stand);
    let output = stand.run(["--sandbox", "--config", &config, "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let result = json(&output);
    let name = result["load_balancer"]["dns_name"].as_str().unwrap();
    let mut addresses: Vec<IpAddr> = stand.world(|world| world.resolve(name));
    addresses.sort();
    let addresses: Vec<Value> = addresses.iter().map(|address| address.to_string().into()).collect();
    assert_eq!(result["bridge"]["advertises"], Value::Array(addresses));
    assert_eq!(result["bridge"]["task_definition"], "jitsi-video-platform-task:2");

    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox", "--config", &config]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(stdout(&output).contains("was up already"), "{}", both(&output));
    assert!(stdout(&output).contains("advertises 198.18."), "{}", both(&output));
    assert_eq!(stand.mutating_calls(), before);
}
