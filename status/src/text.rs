//! The document for people: one section after the other, what is wrong in colour.

use std::fmt::Write;
use std::time::Duration;

use anstyle::Style;
use jiff::Timestamp;
use jitsi_cli::printer::{BAD, FAINT, GOOD, HINT, WARN};
use jitsi_cli::result::duration;
use jitsi_ops::guard::{Verdict, minute};
use jitsi_ops::keep::Term;
use jitsi_ops::lint::Severity;
use jitsi_ops::state::State;

use crate::document::{Document, Seen};
use crate::{resources, site};

/// Lines with a label before the first of each section.
#[derive(Default)]
pub(crate) struct Sheet(String);

impl Sheet {
    /// A section; none where there are no lines.
    pub(crate) fn section(&mut self, label: &str, lines: impl IntoIterator<Item = String>) {
        let mut label = label;
        for line in lines {
            // Writing into a string does not fail.
            let _ = writeln!(self.0, "{FAINT}{label:<14}{FAINT:#}{line}");
            label = "";
        }
    }
}

/// The colour of a state.
pub(crate) fn colour(state: State) -> Style {
    match state {
        State::Active | State::Standby => GOOD,
        State::Transitional | State::Unknown => WARN,
        State::Degraded | State::Orphaned => BAD,
    }
}

/// `text` in `style`.
pub(crate) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The whole view. `sandbox`: it is no real AWS. `flags` lead our commands to the same platform.
pub(crate) fn text(document: &Document<'_>, sandbox: bool, flags: &str) -> String {
    let mut sheet = Sheet(headline(document, sandbox));
    sheet.section("service", resources::service(document));
    sheet.section("tasks", resources::tasks(document));
    sheet.section("load balancer", resources::balancer(document));
    sheet.section("targets", document.target_groups.iter().flat_map(resources::targets));
    sheet.section("name", site::name(document));
    sheet.section("site", site::site(document));
    sheet.section("certificate", site::certificate(document));
    sheet.section("cost", cost(document));
    sheet.section("meetings", [meetings(document)]);
    sheet.section("kept up", kept(document));
    sheet.section("at work", lock(document));
    sheet.section("journal", journal(document));
    sheet.section("lint", lint(document));
    sheet.section("not known", unread(document));
    sheet.section("next", next(document, flags));
    sheet.0
}

/// State, name, since when, and why.
fn headline(document: &Document<'_>, sandbox: bool) -> String {
    let place = if sandbox { " on the sandbox" } else { "" };
    let since = document.since.map_or_else(String::new, |since| {
        format!(", since {} ({})", minute(since), duration(age(since, document.at)))
    });
    let state = painted(colour(document.state), document.state.as_str());
    let mut out = format!("{state}: {}{place}{since}\n", document.domain);
    for line in &document.because {
        let _ = writeln!(out, "  {line}");
    }
    let profile = document.profile.map_or_else(String::new, |p| format!("profile {p}, "));
    let account = document.account.unwrap_or("unknown");
    let _ = writeln!(
        out,
        "{FAINT}  {profile}account {account}, {}{FAINT:#}\n",
        document.region
    );
    out
}

pub(crate) fn age(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// What is said of something that is not there, or not known.
pub(crate) fn lacking<T>(seen: &Seen<T>) -> Option<String> {
    match seen {
        Seen::Here(_) => None,
        Seen::Absent => Some("none".to_owned()),
        Seen::Unknown { .. } => Some(painted(WARN, "unknown")),
    }
}

fn cost(document: &Document<'_>) -> Vec<String> {
    let cost = &document.cost;
    if cost.hourly.lines.is_empty() && cost.hourly.unknown.is_empty() {
        return vec!["nothing that costs money by the hour".to_owned()];
    }
    let mut lines = vec![format!(
        "{} an hour, {} a month if left as it is (prices of {}; traffic comes on top)",
        cost.hourly.per_hour.hourly_text(),
        cost.per_month.monthly_text(),
        cost.hourly.as_of
    )];
    lines.extend(cost.hourly.lines.iter().map(|line| {
        let quantity = line.unit.counted(line.quantity);
        painted(
            FAINT,
            &format!("{} {}, {quantity}", line.per_hour.hourly_text(), line.what),
        )
    }));
    lines.extend(
        cost.hourly
            .unknown
            .iter()
            .map(|unknown| format!("{} {unknown}", painted(WARN, "not in it:"))),
    );
    lines
}

fn meetings(document: &Document<'_>) -> String {
    let source = &document.guard.source;
    match document.guard.verdict {
        None => format!("{}: the tasks could not be read", painted(WARN, "unknown")),
        Some(Verdict::NothingRuns) => "none: nothing runs".to_owned(),
        Some(Verdict::Quiet) if source == "none" => "nobody is asked (guard.source = \"none\")".to_owned(),
        Some(Verdict::Quiet) => format!("nobody meets, says {source}"),
        Some(Verdict::Busy(why)) => format!("{}: {}", painted(WARN, "somebody meets"), why.join("; ")),
        Some(Verdict::Unknown { reasons, .. }) => format!("{}: {}", painted(WARN, "unknown"), reasons.join("; ")),
    }
}

fn kept(document: &Document<'_>) -> Vec<String> {
    let line = |what: &str, term: &Term| match term {
        Term::Until(until) if *until <= document.at => format!("{what} has run out at {}", minute(*until)),
        Term::Until(until) => format!("{what} until {}", minute(*until)),
        Term::Unreadable(text) => painted(WARN, &format!("{what} that cannot be read: `{text}`")),
    };
    let hold = document.hold.as_ref().map(|term| line("hold", term));
    let lease = document.lease.as_ref().map(|term| line("lease", term));
    hold.into_iter().chain(lease).collect()
}

fn lock(document: &Document<'_>) -> Vec<String> {
    match &document.lock {
        Seen::Here(lock) if lock.alive => vec![lock.holder.clone()],
        Seen::Here(lock) => {
            let renewed = lock
                .renewed
                .map_or_else(String::new, |at| format!(", not renewed since {}", minute(at)));
            vec![format!(
                "nobody; a run that died has left its lock: {}{renewed}",
                lock.holder
            )]
        }
        Seen::Absent => vec!["nobody".to_owned()],
        Seen::Unknown { .. } => lacking(&document.lock).into_iter().collect(),
    }
}

fn journal(document: &Document<'_>) -> Vec<String> {
    let Some(journal) = document.journal.here() else {
        return lacking(&document.journal).into_iter().collect();
    };
    let entries = journal.entries.iter().rev().map(|entry| {
        let problem = entry.problem.map_or_else(String::new, |problem| format!(": {problem}"));
        let began = minute(entry.began);
        format!(
            "{began} {} by {}: {}{problem}",
            entry.operation, entry.who, entry.outcome
        )
    });
    let unreadable = journal.unreadable.iter().map(|message| painted(WARN, message));
    let lines: Vec<String> = entries.chain(unreadable).collect();
    if lines.is_empty() {
        return vec!["no run this month or last".to_owned()];
    }
    lines
}

fn lint(document: &Document<'_>) -> Vec<String> {
    let Some(findings) = &document.lint else {
        return vec![format!(
            "{}: the task definition could not be read",
            painted(WARN, "unknown")
        )];
    };
    let line = |finding: &jitsi_ops::lint::Finding| {
        let (style, word) = match finding.severity {
            Severity::Error => (BAD, "error"),
            Severity::Warning => (WARN, "warning"),
            Severity::Note => (FAINT, "note"),
        };
        format!("{}: {} ({})", painted(style, word), finding.sentence, finding.code)
    };
    findings.iter().map(line).collect()
}

fn unread(document: &Document<'_>) -> Vec<String> {
    let line = |unread: &crate::document::UnreadView| {
        let first = format!("{}: {}", painted(WARN, &unread.what), unread.why);
        let hints = unread
            .hints
            .iter()
            .map(|hint| format!("  {} {hint}", painted(HINT, "hint:")));
        std::iter::once(first).chain(hints).collect::<Vec<_>>()
    };
    document.unread.iter().flat_map(line).collect()
}

/// The command that repairs or ends what is wrong.
fn next(document: &Document<'_>, flags: &str) -> Vec<String> {
    match document.state {
        State::Orphaned => vec![format!("`scale-down{flags}` ends what bills")],
        State::Degraded => vec![format!(
            "`scale-up{flags}` repairs it, `scale-down{flags}` ends it when nobody meets"
        )],
        _ => Vec::new(),
    }
}
