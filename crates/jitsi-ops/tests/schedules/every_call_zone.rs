//! Somebody else writes the record at call n of a scale-down, for every n.

use std::sync::Arc;
use std::time::Duration;

use crate::every_call::{Scene, UP};
use crate::farm::{for_each, on_a_paused_clock};
use crate::judge_records::{at_name, changes};
use crate::line::Line;
use crate::run::End;
use crate::worlds::Kind;
use crate::zone::{CHANGE, Moment, Stranger, Theirs, Use};

const NAMED: Kind = Kind { dns: Use::Remove, ..UP };

/// How often the stranger was quicker than the removal of our record, and how often it came between look and removal.
#[derive(Debug, Default)]
struct Fates {
    stranger_first: usize,
    between: usize,
}

async fn undisturbed() -> u64 {
    let scene = Scene::new(NAMED, true).await;
    let line = Line::to(&scene.stage);
    let ended = scene.down(&line).await;
    assert_eq!(ended.end, End::Reached { already: false }, "{:?}", ended.told);
    line.calls()
}

/// Plays the scale-down once for each of its calls, before which the stranger comes.
fn at_every_call(calls: u64, theirs: Theirs) -> Fates {
    let one = async |n: u64| {
        let scene = Arc::new(Scene::new(NAMED, true).await);
        let balancer = scene.stage.wanted.load_balancer.clone();
        let moment = Moment::After(Duration::ZERO);
        let writes = Some(theirs);
        let (stranger, comes_to) = (Stranger { moment, writes }, scene.clone());
        let line = Line::to(&scene.stage).before_each_call(move |call| {
            if call == n {
                stranger.come(&comes_to.stage.sandbox, &comes_to.stage.wanted.load_balancer);
            }
        });
        let ended = scene.down(&line).await;
        let (end, told, at) = (ended.end, ended.told.clone(), ended.ended);
        let context = || format!("call {n}, {theirs:?}, {end:?}\n{}", told.join("\n"));
        let verdict = scene.judge(NAMED.dns, ended);
        assert!(verdict.wrong.is_empty(), "{}\n{}", verdict.wrong.join("\n"), context());
        assert_eq!(end, End::Reached { already: false }, "{}", context());
        let changes = changes(&scene.stage.sandbox);
        assert_eq!(at_name(&changes, at), [theirs.record(&balancer)], "{}", context());
        let refused = |call: &aws_sandbox::Call| call.operation == CHANGE && call.error.is_some();
        Fates {
            stranger_first: usize::from(!changes.iter().any(|it| it.by.as_deref() == Some("down"))),
            between: usize::from(scene.stage.sandbox.calls().iter().any(refused)),
        }
    };
    let harvest = for_each(calls, async |n| Ok(one(n).await));
    assert!(harvest.bad.is_empty(), "at calls {:?}", harvest.bad);
    Fates {
        stranger_first: harvest.good.iter().map(|fate| fate.stranger_first).sum(),
        between: harvest.good.iter().map(|fate| fate.between).sum(),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers are part of the result")]
fn a_record_that_a_stranger_writes_at_any_call_stands() {
    let calls = on_a_paused_clock(undisturbed());
    let fates = at_every_call(calls, Theirs::Namesake);
    println!("{calls} calls: {fates:?}");
    assert!(fates.stranger_first > 0 && fates.between > 0, "{fates:?}");
    assert!((fates.stranger_first as u64) < calls, "{fates:?}");
}
