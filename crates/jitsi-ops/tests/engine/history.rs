//! All of the journal: fetched once, kept, and believed only while the bucket has it.

use std::path::Path;
use std::time::Duration;

use aws_sandbox::Fault;
use jitsi_ops::journal::{Entry, History};

use crate::desk::{Desk, ended, text};

/// The nonces of what is read, sorted, and what was said about the reading.
async fn read(desk: &Desk, copies: &Path) -> (Vec<String>, History) {
    let mut nonces = Vec::new();
    let journal = desk.journal(&desk.maria);
    let read = journal.history(desk.aws(), copies, |entry| nonces.push(entry.nonce));
    let history = read.await.unwrap();
    nonces.sort_unstable();
    assert_eq!(history.entries, nonces.len());
    (nonces, history)
}

/// Writes a closed entry of a run that began then; its key.
async fn run(desk: &Desk, user: &str, began: &str) -> String {
    let entry = ended(desk.entry(user, began.parse().unwrap()), desk.now());
    let key = format!("{}/{}.json", began[..7].replace('-', "/"), entry.id());
    desk.write(&key, &text(&entry)).await;
    key
}

fn reads(desk: &Desk) -> usize {
    let calls = desk.ring.stage.sandbox.calls();
    calls.iter().filter(|call| call.operation == "GetObject").count()
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_once_is_not_fetched_again() {
    let desk = Desk::new().await;
    let copies = tempfile::tempdir().unwrap();
    run(&desk, "maria", "2025-11-30T23:00:00Z").await;
    run(&desk, "bob", "2026-01-02T10:00:00Z").await;
    desk.write("2026/01/README.txt", "nobody's business").await;
    let (nonces, history) = read(&desk, copies.path()).await;
    assert_eq!(nonces, ["nonce-of-bob", "nonce-of-maria"]);
    assert_eq!(history.fetched, 2);
    let before = reads(&desk);
    let (again, history) = read(&desk, copies.path()).await;
    assert_eq!((again, history.fetched), (nonces, 0));
    assert_eq!(reads(&desk), before);
    // One more, and a run at work, of which no copy is kept.
    run(&desk, "eve", "2026-01-03T10:00:00Z").await;
    let begun = desk.entry("zoe", "2026-01-04T10:00:00Z".parse().unwrap());
    desk.write(&format!("2026/01/{}.begun.json", begun.id()), &text(&begun))
        .await;
    for fetched in [2, 1] {
        let (nonces, history) = read(&desk, copies.path()).await;
        assert_eq!(
            nonces,
            ["nonce-of-bob", "nonce-of-eve", "nonce-of-maria", "nonce-of-zoe"]
        );
        assert_eq!(history.fetched, fetched);
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_the_bucket_does_not_have_does_not_count() {
    let desk = Desk::new().await;
    let copies = tempfile::tempdir().unwrap();
    let key = run(&desk, "maria", "2026-01-02T10:00:00Z").await;
    run(&desk, "bob", "2026-01-03T10:00:00Z").await;
    read(&desk, copies.path()).await;
    desk.remove(&key).await;
    assert_eq!(read(&desk, copies.path()).await.0, ["nonce-of-bob"]);
    // A crash has cut off the last line: that entry is fetched again, and kept again.
    let file = copies.path().join(format!("{}.jsonl", desk.bucket()));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &text[..text.len() - 20]).unwrap();
    let fetched: usize = read(&desk, copies.path()).await.1.fetched;
    assert!(fetched <= 1);
    assert_eq!(read(&desk, copies.path()).await.1.fetched, 0);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_named_and_the_rest_is_used() {
    let desk = Desk::new().await;
    let copies = tempfile::tempdir().unwrap();
    run(&desk, "maria", "2026-01-02T10:00:00Z").await;
    desk.write("2026/01/broken.json", "{\"schema\": \"jitsi-ops/jour").await;
    let (nonces, history) = read(&desk, copies.path()).await;
    assert_eq!(nonces, ["nonce-of-maria"]);
    let [told] = &history.unreadable[..] else {
        panic!("{history:?}")
    };
    assert!(told.message.contains("2026/01/broken"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_read_is_an_error_and_what_was_fetched_is_kept() {
    let desk = Desk::new().await;
    let copies = tempfile::tempdir().unwrap();
    for day in 1..=3 {
        run(&desk, "maria", &format!("2026-01-0{day}T10:00:00Z")).await;
    }
    desk.inject(Fault::on("GetObject").nth(3).times(u64::MAX).access_denied());
    let journal = desk.journal(&desk.maria);
    let refused = journal.history(desk.aws(), copies.path(), |_| {}).await;
    assert!(refused.unwrap_err().to_string().contains("journal"));
    desk.ring.stage.sandbox.clear_faults();
    assert_eq!(read(&desk, copies.path()).await.1.fetched, 1);
    desk.inject(Fault::on("ListObjectsV2").times(u64::MAX).access_denied());
    assert!(journal.history(desk.aws(), copies.path(), |_| {}).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn what_this_machine_has_not_sent_is_in_it_once() {
    let desk = Desk::new().await;
    let copies = tempfile::tempdir().unwrap();
    let mut journal = desk.journal(&desk.maria);
    let entry = desk.entry("maria", desk.now());
    journal.begin(desk.aws(), &entry).await;
    // At work: the bucket has it too.
    assert_eq!(read(&desk, copies.path()).await.0, ["nonce-of-maria"]);
    desk.inject(Fault::on("PutObject").times(u64::MAX).unavailable());
    let entry: Entry = ended(entry, desk.now());
    tokio::time::advance(Duration::from_secs(1)).await;
    journal.close(desk.aws(), &entry).await;
    let mut read = Vec::new();
    journal
        .history(desk.aws(), copies.path(), |entry| read.push(entry))
        .await
        .unwrap();
    assert_eq!(read, [entry], "its own word counts");
}
