//! The command as a service: until it is interrupted.

use aws_sandbox::PlatformSpec;
use command_stand::{Signal, Stand};

use crate::COMMAND;

#[test]
fn a_watch_registers_what_comes_and_ends_with_130_when_interrupted() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.replace_task(&service)).unwrap();
    let mut running = stand.start(["--sandbox", "--watch"], 100);
    running.says("RegisterTargets");
    running.send(Signal::SIGINT);
    assert_eq!(running.ends(), Some(130));
}
