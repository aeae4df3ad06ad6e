//! Real kills: the command dies at a random moment, and is run again.

use std::process::Stdio;
use std::time::Duration;

use command_stand::{self as stand, Stand};

use crate::COMMAND;

/// How many times.
const KILLS: u32 = 30;

#[test]
fn thirty_kills_at_random_moments_leave_nothing_that_a_rerun_cannot_finish() {
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut killed = 0;
    for n in 1..=KILLS {
        let stand = Stand::of(COMMAND);
        let mut child = stand
            .command(["--sandbox", "-q"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A run takes about a second at this speed; a kill that comes too late finds it done.
        std::thread::sleep(Duration::from_millis(random.u64(5..1_000)));
        child.kill().unwrap();
        killed += u32::from(!child.wait().unwrap().success());
        let output = stand.run(["--sandbox", "--output", "json"]);
        let context = format!("kill {n} of seed {seed}: {}", stand::both(&output));
        assert_eq!(output.status.code(), Some(0), "{context}");
        assert_eq!(stand::json(&output)["state"], "active", "{context}");
        let bills = stand.still_billing();
        let count = |kind: &str| bills.iter().filter(|k| *k == kind).count();
        assert_eq!(
            (count("network-load-balancer"), count("fargate-task")),
            (1, 1),
            "{context}"
        );
    }
    assert!(
        killed > KILLS / 2,
        "only {killed} of {KILLS} runs were killed before their end (seed {seed})"
    );
}
