//! `aws-sandbox meeting`, on a state file.

use aws_sandbox::{CutOffBy, PlatformSpec, Sandbox, World};

use crate::command::{folder, run};
use crate::wire::{SERVICE, scale};

#[tokio::test]
async fn people_can_be_let_in_and_out_by_command() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    let (code, out, err) = run(&state, &["meeting", "begin"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        err,
        format!("error: no task of `{SERVICE}` is RUNNING, so nobody can meet there\n")
    );
    scale(&sandbox, 1).await;
    run(&state, &["advance", "5m"]);
    let (code, out, _) = run(&state, &["meeting", "begin", "--service", SERVICE]);
    assert_eq!((code, out), (0, format!("people meet in 1 task of `{SERVICE}`\n")));
    run(&state, &["advance", "1m"]);
    scale(&sandbox, 0).await;
    run(&state, &["advance", "1m"]);
    let (code, out, _) = run(&state, &["meeting", "end"]);
    assert_eq!((code, out), (0, format!("people have left 1 meeting in `{SERVICE}`\n")));
    let meeting = sandbox.world(|world| world.meetings()).remove(0);
    assert_eq!(meeting.cut_off, None, "protection outlasts a minute at zero");
    assert_eq!(
        run(&state, &["meeting", "end"]).1,
        format!("nobody meets in `{SERVICE}`\n")
    );
}

#[tokio::test]
async fn a_meeting_that_is_cut_off_is_on_record_for_the_next_process() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    sandbox.world(|world| world.protection_honoured_at_zero(false));
    scale(&sandbox, 1).await;
    run(&state, &["advance", "5m"]);
    run(&state, &["meeting", "begin"]);
    scale(&sandbox, 0).await;
    drop(sandbox);
    run(&state, &["advance", "1m"]);
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    let meeting = sandbox.world(|world| world.meetings()).remove(0);
    let cut_off = meeting.cut_off.unwrap();
    assert_eq!((cut_off.by, cut_off.call), (CutOffBy::DesiredCount, Some(2)));
    assert_eq!(meeting.ended, Some(cut_off.at));
}

#[test]
fn which_service_is_meant_is_asked_where_there_are_several() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    sandbox.world(|world: &mut World| world.add_platform(&PlatformSpec::named("other")));
    let (code, out, err) = run(&state, &["meeting", "begin"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(
        err.contains("--service with one of: `arn:aws:ecs:") && err.contains("other-service`"),
        "{err}"
    );
    let (code, _, err) = run(&state, &["meeting", "end", "--service", "third"]);
    assert!(
        code == 1 && err.contains("there is no service `third` in the sandbox"),
        "{err}"
    );
    assert_eq!(run(&state, &["meeting"]).0, 2);
    assert_eq!(run(&state, &["meeting", "pause"]).0, 2);
}
