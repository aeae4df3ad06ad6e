//! The journal: one entry for each run, whatever happens to the run, its machine, or the bucket.

use std::slice;
use std::time::Duration;

use aws_sandbox::{Fault, When};
use jitsi_ops::journal::{Entry, Outcome};
use tempfile::TempDir;

use crate::desk::{Desk, balancer, ended, kept, outcomes, text, up};

/// The SDK makes three attempts of a call.
const ATTEMPTS: u64 = 3;

const MARIAS: &str = "2026/01/20260115T180000Z-nonce-of-maria";

#[tokio::test(start_paused = true)]
async fn a_run_is_begun_in_the_journal_and_then_closed() {
    let desk = Desk::new().await;
    let mut journal = desk.journal(&desk.maria);
    let entry = desk.entry("maria", desk.now());
    assert_eq!(journal.begin(desk.aws(), &entry).await, []);
    assert_eq!(desk.keys().await, [format!("{MARIAS}.begun.json")]);
    assert_eq!(kept(&desk.maria), ["20260115T180000Z-nonce-of-maria.json"]);
    assert_eq!(
        outcomes(&desk.january(&desk.bob).await),
        [("nonce-of-maria", Outcome::Begun)]
    );
    let entry = ended(entry, desk.now());
    assert_eq!(journal.close(desk.aws(), &entry).await, []);
    assert_eq!(desk.keys().await, [format!("{MARIAS}.json")]);
    assert_eq!(kept(&desk.maria), [""; 0], "the bucket has it");
    assert_eq!(desk.january(&desk.bob).await, [entry]);
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_is_closed_by_the_next_from_an_empty_state_folder() {
    let desk = Desk::new().await;
    let lock = desk.lock("maria").await;
    let entry = desk.entry("maria", desk.now());
    desk.journal(&desk.maria).begin(desk.aws(), &entry).await;
    drop(lock);
    let lock = desk.lock("bob").await;
    let mut journal = desk.journal(&desk.bob);
    let settled = desk.settle(&mut journal, &lock, "bob").await;
    assert_eq!(settled.warnings, []);
    let january = desk.january(&desk.bob).await;
    assert_eq!(settled.closed, january);
    let [closed] = january.as_slice() else {
        panic!("{january:?}")
    };
    assert_eq!((closed.outcome.clone(), closed.ended), (Outcome::Unknown, None));
    assert_eq!(closed.to_state.as_deref(), Some("orphaned"));
    assert_eq!(closed.resources, [balancer()], "what exists now");
    let note = closed.problem.as_deref().unwrap();
    assert!(
        note.contains("without closing its entry") && note.contains("`bob@laptop`"),
        "{note}"
    );
    assert_eq!(desk.keys().await, [format!("{}.json", closed_key(closed))]);
    let again = desk.settle(&mut journal, &lock, "bob").await;
    assert!(again.closed.is_empty() && again.warnings.is_empty(), "{again:?}");
}

fn closed_key(entry: &Entry) -> String {
    format!("2026/01/{}", entry.id())
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_sent_goes_with_the_next_run_exactly_once() {
    let desk = Desk::new().await;
    let mut journal = desk.journal(&desk.maria);
    desk.inject(Fault::on_any().service("s3").unavailable());
    let entry = desk.entry("maria", desk.now());
    let warnings = journal.begin(desk.aws(), &entry).await;
    assert!(warnings[0].message.contains("the journal in bucket"), "{warnings:?}");
    assert!(
        warnings[0].hint.as_ref().unwrap().contains("goes with the next run"),
        "{warnings:?}"
    );
    let entry = ended(entry, desk.now());
    assert_eq!(journal.close(desk.aws(), &entry).await.len(), 1);
    desk.ring.stage.sandbox.clear_faults();
    assert_eq!(desk.keys().await, [""; 0]);
    assert_eq!(
        desk.january(&desk.maria).await,
        slice::from_ref(&entry),
        "this machine knows it"
    );
    let lock = desk.lock("maria").await;
    let mut journal = desk.journal(&desk.maria);
    // The next run has another nonce.
    let settled = desk.settle(&mut journal, &lock, "maria-again").await;
    assert_eq!(
        (settled.sent, settled.closed, settled.warnings),
        (vec![entry.clone()], vec![], vec![])
    );
    assert_eq!(desk.january(&desk.bob).await, [entry]);
    let again = desk.settle(&mut journal, &lock, "maria-again").await;
    assert!(again.sent.is_empty(), "{again:?}");
    assert_eq!(kept(&desk.maria), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_that_could_not_reach_the_bucket_is_closed_from_its_machine() {
    let desk = Desk::new().await;
    desk.inject(Fault::on("PutObject").unavailable());
    desk.journal(&desk.maria)
        .begin(desk.aws(), &desk.entry("maria", desk.now()))
        .await;
    desk.ring.stage.sandbox.clear_faults();
    let lock = desk.lock("maria").await;
    let settled = desk.settle(&mut desk.journal(&desk.maria), &lock, "maria-again").await;
    assert_eq!(outcomes(&settled.closed), [("nonce-of-maria", Outcome::Unknown)]);
    assert_eq!(desk.january(&desk.bob).await, settled.closed);
    assert_eq!(kept(&desk.maria), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_a_run_says_of_itself_replaces_what_another_has_guessed() {
    let desk = Desk::new().await;
    let entry = desk.entry("maria", desk.now());
    let mut marias = desk.journal(&desk.maria);
    marias.begin(desk.aws(), &entry).await;
    let lock = desk.lock("bob").await;
    let settled = desk.settle(&mut desk.journal(&desk.bob), &lock, "bob").await;
    assert_eq!(outcomes(&settled.closed), [("nonce-of-maria", Outcome::Unknown)]);
    let hers = desk.january(&desk.maria).await;
    assert_eq!(
        hers, settled.closed,
        "her machine reads the guess too, until she knows better"
    );
    // Her laptop wakes.
    let entry = ended(entry, desk.now());
    assert_eq!(marias.close(desk.aws(), &entry).await, []);
    assert_eq!(desk.january(&desk.bob).await, slice::from_ref(&entry));
    // A begun entry that comes late is no reason to guess again.
    desk.write(
        &format!("{MARIAS}.begun.json"),
        &text(&desk.entry("maria", entry.began)),
    )
    .await;
    let settled = desk.settle(&mut desk.journal(&desk.bob), &lock, "bob").await;
    assert!(settled.closed.is_empty(), "{settled:?}");
    assert_eq!(desk.keys().await, [format!("{MARIAS}.json")]);
    assert_eq!(desk.january(&desk.bob).await, [entry]);
}

#[tokio::test(start_paused = true)]
async fn a_guess_never_replaces_what_a_run_has_said_of_itself() {
    // She closes her entry while bob is about to close it for her.
    let desk = Desk::new().await;
    let entry = desk.entry("maria", desk.now());
    let mut marias = desk.journal(&desk.maria);
    marias.begin(desk.aws(), &entry).await;
    let lock = desk.lock("bob").await;
    let entry = ended(entry, desk.now());
    desk.inject(Fault::on("GetObject").slow(Duration::from_secs(3)).times(1));
    let clock = desk.ring.stage.clock();
    let closing = async {
        clock.sleep(Duration::from_secs(1)).await;
        marias.close(desk.aws(), &entry).await
    };
    let mut bobs = desk.journal(&desk.bob);
    let (settled, closed) = tokio::join!(desk.settle(&mut bobs, &lock, "bob"), closing);
    assert_eq!((settled.warnings, closed), (vec![], vec![]));
    assert_eq!(desk.january(&desk.bob).await, slice::from_ref(&entry));
    // Her machine could not clear the begun entry away.
    marias.begin(desk.aws(), &desk.entry("maria", entry.began)).await;
    let settled = desk.settle(&mut marias, &lock, "bob").await;
    assert_eq!(settled.warnings, []);
    assert_eq!(desk.january(&desk.bob).await, [entry]);
    assert_eq!((desk.keys().await.len(), kept(&desk.maria).len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_open_entry_of_the_run_itself_stays_open() {
    let desk = Desk::new().await;
    let lock = desk.lock("maria").await;
    let mut journal = desk.journal(&desk.maria);
    journal.begin(desk.aws(), &desk.entry("maria", desk.now())).await;
    let settled = desk.settle(&mut journal, &lock, "maria").await;
    assert!(settled.closed.is_empty() && settled.sent.is_empty(), "{settled:?}");
    assert_eq!(
        outcomes(&desk.january(&desk.bob).await),
        [("nonce-of-maria", Outcome::Begun)]
    );
    assert_eq!(kept(&desk.maria).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_any_write_makes_no_second_entry() {
    for operation in ["PutObject", "DeleteObject"] {
        for nth in 1..=3 {
            for times in [1, ATTEMPTS] {
                for fault in [Fault::dropped_after, Fault::dropped_before] {
                    let desk = Desk::new().await;
                    desk.inject(fault(Fault::on(operation).nth(nth).times(times)));
                    let entry = desk.entry("maria", desk.now());
                    let mut journal = desk.journal(&desk.maria);
                    journal.begin(desk.aws(), &entry).await;
                    let entry = ended(entry, desk.now());
                    journal.close(desk.aws(), &entry).await;
                    // Another run was killed.
                    desk.journal(&desk.bob)
                        .begin(desk.aws(), &desk.entry("bob", entry.began))
                        .await;
                    desk.ring.stage.sandbox.clear_faults();
                    let lock = desk.lock("maria").await;
                    for machine in [&desk.maria, &desk.bob] {
                        let settled = desk.settle(&mut desk.journal(machine), &lock, "eve").await;
                        assert_eq!(settled.warnings, []);
                    }
                    let january = desk.january(&TempDir::new().unwrap()).await;
                    let expected = [("nonce-of-bob", Outcome::Unknown), ("nonce-of-maria", up())];
                    assert_eq!(outcomes(&january), expected, "{operation} {nth} x {times}");
                    assert_eq!(desk.keys().await.len(), 2, "{operation} {nth} x {times}");
                    assert!(kept(&desk.maria).is_empty() && kept(&desk.bob).is_empty());
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_while_another_runs_entry_is_closed_makes_no_second_one() {
    for operation in ["PutObject", "DeleteObject", "GetObject", "ListObjectsV2"] {
        for times in [1, ATTEMPTS] {
            let desk = Desk::new().await;
            desk.journal(&desk.maria)
                .begin(desk.aws(), &desk.entry("maria", desk.now()))
                .await;
            let lock = desk.lock("bob").await;
            desk.inject(Fault::on(operation).times(times).dropped_after());
            let mut journal = desk.journal(&desk.bob);
            let first = desk.settle(&mut journal, &lock, "bob").await;
            assert_eq!(first.warnings.is_empty(), times == 1, "{operation}: {first:?}");
            let second = desk.settle(&mut journal, &lock, "bob").await;
            assert_eq!(second.warnings, [], "{operation}");
            assert_eq!(
                outcomes(&desk.january(&desk.bob).await),
                [("nonce-of-maria", Outcome::Unknown)]
            );
            assert_eq!(desk.keys().await.len(), 1, "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_call_there_is_one_entry_after_the_next_run() {
    for call in 1..=3 {
        for when in [When::Before, When::After] {
            let desk = Desk::new().await;
            let entry = desk.entry("maria", desk.now());
            desk.ring.stage.sandbox.crash_at(call, when);
            let mut journal = desk.journal(&desk.maria);
            let run = async {
                journal.begin(desk.aws(), &entry).await;
                journal.close(desk.aws(), &ended(entry.clone(), desk.now())).await;
            };
            tokio::select! {
                () = run => panic!("call {call} was never made"),
                () = desk.ring.stage.sandbox.crashed() => {}
            }
            let lock = desk.lock("bob").await;
            desk.settle(&mut desk.journal(&desk.bob), &lock, "bob").await;
            let from_bobs = desk.january(&desk.bob).await;
            // Before the very first call took effect only her own machine knows.
            let known = (call, when) != (1, When::Before);
            assert_eq!(from_bobs.len(), usize::from(known), "{call} {when:?}: {from_bobs:?}");
            let settled = desk.settle(&mut desk.journal(&desk.maria), &lock, "bob").await;
            assert_eq!(settled.warnings, []);
            let january = desk.january(&desk.bob).await;
            // Once it had written its end, that is what counts.
            let outcome = if call == 1 { Outcome::Unknown } else { up() };
            assert_eq!(outcomes(&january), [("nonce-of-maria", outcome)], "{call} {when:?}");
            assert_eq!(
                (desk.keys().await.len(), kept(&desk.maria).len()),
                (1, 0),
                "{call} {when:?}"
            );
        }
    }
}
