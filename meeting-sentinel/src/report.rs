//! What the operator is told: one line when something has become different, nothing while it stays so. Numbers that
//! change within the same state, people in rooms for one, are no change.

use std::time::Duration;

use crate::agent::Failure;
use crate::reading::Reading;
use crate::watch::{Ask, Watch};

/// A text of somebody else's is cut here.
const MAX_LINE: usize = 400;

/// What was said last.
#[derive(Debug, Default)]
pub struct Report {
    said: Option<String>,
    reason: Option<Reading>,
    failure: Option<Failure>,
}

impl Report {
    /// Notes a reading: the last that was not quiet is the reason for the protection.
    pub fn read(&mut self, reading: &Reading) {
        if *reading != Reading::Quiet {
            self.reason = Some(reading.clone());
        }
    }

    /// Notes what the agent has answered.
    pub fn answered(&mut self, answer: &Result<(), Failure>) {
        self.failure = answer.as_ref().err().cloned();
    }

    /// The state in words, and the same for states of the same kind.
    fn state(&self, watch: &Watch, now: Duration) -> (String, String) {
        let (reason, reason_kind) = match &self.reason {
            None => ("nothing was read yet".to_owned(), String::new()),
            Some(Reading::Busy(people)) => (people.to_string(), "busy".to_owned()),
            Some(Reading::Unknown(cause)) => (format!("not quiet: {cause}"), cause.kind()),
            Some(Reading::Quiet) => ("quiet".to_owned(), "quiet".to_owned()),
        };
        let failed = self.failure.as_ref().filter(|_| !watch.as_wanted());
        let held = watch.protected_until().is_some_and(|until| now < until);
        let (text, kind) = match (watch.wanted(), failed) {
            (Ask::Protect, None) => (format!("protected: {reason}"), format!("protected, {reason_kind}")),
            (Ask::Drop, None) => ("quiet: protection dropped".to_owned(), "dropped".to_owned()),
            (Ask::Protect, Some(failure)) if held => (
                format!("protection could not be renewed and will run out: {failure}; wanted because {reason}"),
                format!("not renewed, {}", failure.kind()),
            ),
            (Ask::Protect, Some(failure)) => (
                format!("not protected: {failure}; wanted because {reason}"),
                format!("not protected, {}", failure.kind()),
            ),
            (Ask::Drop, Some(failure)) => (
                format!("quiet, but protection could not be dropped and must run out: {failure}"),
                format!("not dropped, {}", failure.kind()),
            ),
        };
        (one_line(&text), kind)
    }

    /// The state in one line, for `--healthy`.
    pub fn now(&self, watch: &Watch, now: Duration) -> String {
        self.state(watch, now).0
    }

    /// What is to be said, if it was not said already; a second line is a hint.
    pub fn news(&mut self, watch: &Watch, now: Duration) -> Option<String> {
        if watch.due(now).is_some() {
            return None; // The answer to come decides what there is to say.
        }
        let (mut text, kind) = self.state(watch, now);
        if self.said.as_ref() == Some(&kind) {
            return None;
        }
        self.said = Some(kind);
        let hint = self
            .failure
            .as_ref()
            .filter(|_| !watch.as_wanted())
            .and_then(Failure::hint);
        if let Some(hint) = hint {
            text += &format!("\nhint: {hint}");
        }
        Some(text)
    }
}

/// What others wrote may hold anything: no control characters, no end.
fn one_line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(MAX_LINE)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(MAX_LINE).is_some() {
        line += "...";
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Refusal;
    use crate::http;
    use crate::reading::{Cause, People};
    use crate::watch::Rules;

    const S: fn(u64) -> Duration = Duration::from_secs;

    fn watch() -> Watch {
        Watch::new(Rules {
            quiet_readings: 2,
            settle: S(0),
            interval: S(10),
            expires: S(300),
        })
    }

    /// Carries out what is due, with this answer of the agent, and says what is new.
    fn step(
        watch: &mut Watch,
        report: &mut Report,
        at: u64,
        reading: &Reading,
        agent: Result<(), Failure>,
    ) -> Option<String> {
        watch.read(reading, S(at), S(at));
        report.read(reading);
        if let Some(ask) = watch.due(S(at)) {
            watch.answered(ask, agent.is_ok(), S(at), S(at));
            report.answered(&agent);
        }
        report.news(watch, S(at))
    }

    #[test]
    fn each_change_is_said_once() {
        let (mut watch, mut report) = (watch(), Report::default());
        let busy = |people| Reading::Busy(People { people, rooms: 1 });
        let unknown = |kind| Reading::Unknown(Cause::NoAnswer(http::Error::Connect(kind)));
        let refused = std::io::ErrorKind::ConnectionRefused;
        let mut say = |at, reading: Reading| step(&mut watch, &mut report, at, &reading, Ok(()));
        assert_eq!(say(0, busy(1)).as_deref(), Some("protected: 1 person in 1 room"));
        assert_eq!(say(10, busy(3)), None);
        assert_eq!(
            say(20, unknown(refused)).as_deref(),
            Some("protected: not quiet: jicofo did not answer: no connection: connection refused")
        );
        assert_eq!(say(30, unknown(refused)), None);
        assert_eq!(say(40, Reading::Quiet), None);
        assert_eq!(say(50, Reading::Quiet).as_deref(), Some("quiet: protection dropped"));
        assert_eq!(say(60, Reading::Quiet), None);
        assert_eq!(say(70, busy(3)).as_deref(), Some("protected: 3 people in 1 room"));
    }

    #[test]
    fn a_failure_is_said_once_with_its_hint_and_so_is_its_end() {
        let (mut watch, mut report) = (watch(), Report::default());
        let denied = |text: &str| {
            Err(Failure::Refused(Refusal {
                code: "AccessDeniedException".to_owned(),
                text: text.to_owned(),
            }))
        };
        let busy = Reading::Busy(People { people: 2, rooms: 1 });
        let said = step(&mut watch, &mut report, 0, &busy, denied("no\r\n\u{1b}[31m")).unwrap();
        let (line, hint) = said.split_once('\n').unwrap();
        assert_eq!(
            line,
            "not protected: the ECS agent says AccessDeniedException: no   [31m; wanted because 2 people in 1 room"
        );
        assert!(hint.starts_with("hint: the task role needs"));
        assert_eq!(step(&mut watch, &mut report, 10, &busy, denied("still no")), None);
        let said = step(&mut watch, &mut report, 20, &busy, Ok(()));
        assert_eq!(said.as_deref(), Some("protected: 2 people in 1 room"));
    }

    #[test]
    fn a_protection_that_cannot_be_renewed_is_told_from_none() {
        let (mut watch, mut report) = (watch(), Report::default());
        let busy = Reading::Busy(People { people: 2, rooms: 1 });
        let mut say = |at, answer| step(&mut watch, &mut report, at, &busy, answer);
        say(0, Ok(()));
        assert!(
            say(60, Err(Failure::Status(500)))
                .unwrap()
                .starts_with("protection could not be renewed")
        );
        assert_eq!(say(299, Err(Failure::Status(500))), None);
        assert!(
            say(310, Err(Failure::Status(500)))
                .unwrap()
                .starts_with("not protected: ")
        );
    }

    #[test]
    fn a_drop_that_fails_is_said() {
        let (mut watch, mut report) = (watch(), Report::default());
        let mut say = |at, answer| step(&mut watch, &mut report, at, &Reading::Quiet, answer);
        assert_eq!(say(0, Ok(())).as_deref(), Some("protected: nothing was read yet"));
        let said = say(10, Err(Failure::NoAnswer(http::Error::TimedOut))).unwrap();
        assert!(said.starts_with("quiet, but protection could not be dropped"), "{said}");
        assert_eq!(say(11, Ok(())).as_deref(), Some("quiet: protection dropped"));
    }

    #[test]
    fn a_long_text_is_cut() {
        let line = one_line(&"ä".repeat(100_000));
        assert_eq!(line.chars().count(), MAX_LINE + 3);
    }
}
