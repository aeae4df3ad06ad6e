//! The journal at its limits: the turn of the year, other platforms, damage, no bucket, no permission, no lock.

use aws_sandbox::Fault;
use jitsi_ops::journal::{Entry, Journal, Outcome};
use jitsi_ops::lock::{LockKind, Place};

use crate::desk::{Desk, ended, kept, outcomes, text, up, who};

const MARIAS: &str = "2026/01/20260115T180000Z-nonce-of-maria";

#[tokio::test(start_paused = true)]
async fn open_entries_of_this_month_and_the_one_before_are_closed() {
    let desk = Desk::new().await;
    for (user, began) in [
        ("maria", "2025-12-31T23:59:59Z"),
        ("eve", "2026-01-01T00:00:00Z"),
        ("old", "2025-11-30T23:59:59Z"),
    ] {
        let entry = desk.entry(user, began.parse().unwrap());
        desk.journal(&desk.maria).begin(desk.aws(), &entry).await;
    }
    let lock = desk.lock("bob").await;
    let mut journal = desk.journal(&desk.bob);
    let now = "2026-01-01T00:10:00Z".parse().unwrap();
    let settled = desk.settle_at(&mut journal, &lock, "bob", now).await;
    assert_eq!(
        outcomes(&settled.closed),
        [("nonce-of-maria", Outcome::Unknown), ("nonce-of-eve", Outcome::Unknown)]
    );
    let december = journal.read_month(desk.aws(), 2025, 12).await.unwrap();
    assert_eq!(outcomes(&december.entries), [("nonce-of-maria", Outcome::Unknown)]);
    let november = journal.read_month(desk.aws(), 2025, 11).await.unwrap();
    assert_eq!(
        outcomes(&november.entries),
        [("nonce-of-old", Outcome::Begun)],
        "too old to be at work or to guess"
    );
    assert!(
        desk.keys()
            .await
            .iter()
            .any(|key| key.starts_with("2025/12/20251231T235959Z"))
    );
}

/// An entry of a run on another service of the same cluster.
fn of_another_platform(desk: &Desk) -> Entry {
    let mut platform = desk.ring.platform();
    platform.service = "other-service".to_owned();
    Entry::begun("scale-up", platform, None, &who("eve"), "nonce-of-eve", desk.now())
}

#[tokio::test(start_paused = true)]
async fn entries_of_other_platforms_are_left_alone() {
    let desk = Desk::new().await;
    let others = of_another_platform(&desk);
    let mut journal = Journal::new(desk.maria.path(), Some(desk.bucket()), others.platform.clone());
    journal.begin(desk.aws(), &others).await;
    let lock = desk.lock("bob").await;
    for machine in [&desk.maria, &desk.bob] {
        let settled = desk.settle(&mut desk.journal(machine), &lock, "bob").await;
        assert!(
            settled.closed.is_empty() && settled.sent.is_empty() && settled.warnings.is_empty(),
            "{settled:?}"
        );
    }
    assert_eq!(desk.january(&desk.maria).await, []);
    let theirs = journal.read_month(desk.aws(), 2026, 1).await.unwrap().entries;
    assert_eq!(outcomes(&theirs), [("nonce-of-eve", Outcome::Begun)]);
    assert_eq!(kept(&desk.maria).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_told_and_left() {
    let desk = Desk::new().await;
    let entry = desk.entry("maria", desk.now());
    let newer = text(&entry).replace("journal/v1", "journal/v2");
    desk.write("2026/01/a.json", "half an ent").await;
    desk.write("2026/01/b.begun.json", "").await;
    desk.write(&format!("{MARIAS}.begun.json"), &newer).await;
    desk.write("2026/01/notes.txt", "not ours").await;
    let mut journal = desk.journal(&desk.maria);
    let folder = desk.maria.path().join("journal");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("c.json"), "{").unwrap();
    std::fs::write(folder.join("d.part"), "cut off by a kill").unwrap();
    let lock = desk.lock("bob").await;
    let settled = desk.settle(&mut journal, &lock, "bob").await;
    let said: Vec<&str> = settled
        .warnings
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    let [local, first, second] = said.as_slice() else {
        panic!("{said:?}")
    };
    assert!(local.contains("c.json") && local.contains("damaged"), "{local}");
    assert!(
        first.contains(MARIAS) && first.contains("schema `jitsi-ops/journal/v2`"),
        "{first}"
    );
    assert!(
        second.contains("2026/01/b.begun.json") && second.contains("damaged"),
        "{second}"
    );
    assert!(settled.closed.is_empty());
    let read = journal.read_month(desk.aws(), 2026, 1).await.unwrap();
    assert_eq!((read.entries.len(), read.unreadable.len()), (0, 4), "{read:?}");
    assert_eq!(desk.keys().await.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_month_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let desk = Desk::new().await;
    let journal = desk.journal(&desk.maria);
    desk.write(&format!("{MARIAS}.json"), &text(&desk.entry("maria", desk.now())))
        .await;
    for operation in ["ListObjectsV2", "GetObject"] {
        for fault in [Fault::unavailable, Fault::access_denied] {
            desk.inject(fault(Fault::on(operation)));
            let problem = journal.read_month(desk.aws(), 2026, 1).await.unwrap_err();
            assert!(problem.to_string().contains(operation), "{problem}");
            desk.ring.stage.sandbox.clear_faults();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_bucket_the_files_of_this_machine_are_the_journal() {
    let desk = Desk::new().await;
    let book = || Journal::new(desk.maria.path(), None, desk.ring.platform());
    let entry = desk.entry("maria", desk.now());
    let mut journal = book();
    assert_eq!(journal.begin(desk.aws(), &entry).await, []);
    let entry = ended(entry, desk.now());
    assert_eq!(journal.close(desk.aws(), &entry).await, []);
    // The next run is killed.
    let killed = desk.entry("bob", desk.now() + std::time::Duration::from_secs(60));
    journal.begin(desk.aws(), &killed).await;
    let mut request = desk.ring.request("eve");
    request.place = Place::Machine {
        folder: desk.maria.path().to_owned(),
        platform: desk.ring.platform(),
    };
    let lock = desk.ring.acquire(&request).await.unwrap();
    let settled = desk.settle(&mut book(), &lock, "eve").await;
    assert_eq!(outcomes(&settled.closed), [("nonce-of-bob", Outcome::Unknown)]);
    assert!(settled.sent.is_empty() && settled.warnings.is_empty(), "{settled:?}");
    let read = book().read_month(desk.aws(), 2026, 1).await.unwrap();
    assert_eq!(
        outcomes(&read.entries),
        [("nonce-of-maria", up()), ("nonce-of-bob", Outcome::Unknown)]
    );
    assert_eq!(kept(&desk.maria).len(), 2);
    assert!(desk.ring.stage.mutations().is_empty(), "nothing was sent to AWS");
}

#[tokio::test(start_paused = true)]
async fn without_a_lock_nothing_is_closed_for_others() {
    let desk = Desk::new().await;
    let mut journal = desk.journal(&desk.maria);
    // One could not be sent, and one is perhaps at work: on this machine and in the bucket.
    desk.inject(Fault::on_any().service("s3").unavailable());
    let mut request = desk.ring.request("eve");
    request.unlocked_on_transport_failure = true;
    let lock = desk.ring.acquire(&request).await.unwrap();
    assert!(matches!(lock.kind(), LockKind::Unlocked { .. }));
    let unsent = ended(desk.entry("maria", desk.now()), desk.now());
    journal.close(desk.aws(), &unsent).await;
    desk.ring.stage.sandbox.clear_faults();
    journal.begin(desk.aws(), &desk.entry("bob", desk.now())).await;
    let settled = desk.settle(&mut journal, &lock, "eve").await;
    assert_eq!((settled.sent, settled.closed), (vec![unsent], vec![]));
    assert_eq!(
        outcomes(&desk.january(&desk.bob).await),
        [("nonce-of-maria", up()), ("nonce-of-bob", Outcome::Begun)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_is_told_once_and_stops_nothing() {
    let desk = Desk::new().await;
    let lock = desk.lock("maria").await;
    desk.inject(Fault::on_any().service("s3").access_denied());
    let mut journal = desk.journal(&desk.maria);
    let entry = desk.entry("maria", desk.now());
    let mut warnings = journal.begin(desk.aws(), &entry).await;
    warnings.extend(desk.settle(&mut journal, &lock, "maria").await.warnings);
    warnings.extend(journal.close(desk.aws(), &ended(entry, desk.now())).await);
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(
        warning.message.contains(&format!("in bucket `{}`", desk.bucket())),
        "{warning:?}"
    );
    let hint = warning.hint.as_ref().unwrap();
    assert!(
        hint.contains("`s3:PutObject`") && hint.contains("`s3:ListBucket`"),
        "{hint}"
    );
    assert_eq!(
        outcomes(&desk_of_maria(&desk).await),
        [("nonce-of-maria", up())],
        "it is kept"
    );
}

/// What her machine has kept, with the bucket in good weather.
async fn desk_of_maria(desk: &Desk) -> Vec<Entry> {
    desk.ring.stage.sandbox.clear_faults();
    desk.january(&desk.maria).await
}

#[tokio::test(start_paused = true)]
async fn a_state_folder_that_cannot_be_written_is_told_and_the_bucket_has_the_entry() {
    let desk = Desk::new().await;
    std::fs::write(desk.maria.path().join("journal"), "a file where the folder should be").unwrap();
    let mut journal = desk.journal(&desk.maria);
    let entry = desk.entry("maria", desk.now());
    let warnings = journal.begin(desk.aws(), &entry).await;
    assert!(
        warnings[0].message.contains("the journal of this machine"),
        "{warnings:?}"
    );
    let entry = ended(entry, desk.now());
    assert!(!journal.close(desk.aws(), &entry).await.is_empty());
    assert_eq!(desk.january(&desk.bob).await, [entry]);
}
