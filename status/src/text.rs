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

use crate::document::{Document, GroupView, Seen, TaskView};
use crate::site;

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
    sheet.section("service", service(document));
    sheet.section("tasks", tasks(document));
    sheet.section("load balancer", balancer(document));
    sheet.section("targets", document.target_groups.iter().flat_map(targets));
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

fn service(document: &Document<'_>) -> Vec<String> {
    let Some(service) = document.service.here() else {
        return lacking(&document.service).into_iter().collect();
    };
    let version = service
        .platform_version
        .map_or_else(String::new, |v| format!(", platform version {v}"));
    let status = match service.status {
        "ACTIVE" => String::new(),
        status => format!(", {}", painted(BAD, status)),
    };
    let rollout = match service.rollout {
        None | Some("COMPLETED") => String::new(),
        Some(rollout) => format!(", rollout {rollout}"),
    };
    let mut lines = vec![
        format!(
            "{}: {} desired, {} running, {} pending{status}",
            service.name, service.desired, service.running, service.pending
        ),
        format!("task definition {}{version}{rollout}", service.task_definition),
    ];
    lines.extend(document.bridge.iter().map(|bridge| match bridge.advertises.as_slice() {
        [] => painted(WARN, "the bridge advertises what STUN tells it, not the load balancer"),
        addresses => format!("the bridge advertises {}", addresses.join(", ")),
    }));
    lines.extend(service.events.iter().map(|event| {
        let at = event.at.map_or_else(String::new, |at| format!("{} ", minute(at)));
        painted(FAINT, &format!("{at}{}", event.message))
    }));
    lines
}

fn tasks(document: &Document<'_>) -> Vec<String> {
    let Some(tasks) = document.tasks.here() else {
        return lacking(&document.tasks).into_iter().collect();
    };
    let (over, living): (Vec<&TaskView<'_>>, Vec<&TaskView<'_>>) =
        tasks.list.iter().partition(|task| task.status == "STOPPED");
    if living.is_empty() && over.is_empty() {
        return vec!["none".to_owned()];
    }
    let mut lines: Vec<String> = living.iter().flat_map(|task| living_task(task, document.at)).collect();
    // The newest of those that are over says why.
    lines.extend(over.last().map(|task| ended_task(task, document.at)));
    lines
}

fn living_task(task: &TaskView<'_>, now: Timestamp) -> Vec<String> {
    let id = task.id.get(..8).unwrap_or(task.id);
    let style = if task.health == "UNHEALTHY" { BAD } else { Style::new() };
    let since = task.started_at.or(task.created_at);
    let since = since.map_or_else(String::new, |at| format!(", {}", duration(age(at, now))));
    let place = match (task.address, task.zone) {
        (Some(address), Some(zone)) => format!(", {address} in {zone}"),
        (Some(address), None) => format!(", {address}"),
        _ => String::new(),
    };
    let ending = if task.desired_status == "STOPPED" {
        ", stopping"
    } else {
        ""
    };
    let health = painted(style, task.health);
    let mut lines = vec![format!("{id} {} {health}{ending}{since}{place}", task.status)];
    lines.extend(task.containers.iter().map(|container| {
        let image = container.image.map_or_else(String::new, |image| format!(" {image}"));
        let exit = container
            .exit_code
            .map_or_else(String::new, |code| format!(", exit {code}"));
        let reason = container
            .reason
            .map_or_else(String::new, |reason| format!(", {reason}"));
        let health = match container.health {
            "UNKNOWN" => String::new(),
            health => format!(" {health}"),
        };
        let words = format!("  {} {}{health}{exit}{reason}{image}", container.name, container.status);
        if container.exit_code.is_some_and(|code| code != 0) {
            painted(BAD, &words)
        } else {
            words
        }
    }));
    lines
}

fn ended_task(task: &TaskView<'_>, now: Timestamp) -> String {
    let id = task.id.get(..8).unwrap_or(task.id);
    let ago = task
        .stopped_at
        .map_or_else(String::new, |at| format!(" {} ago", duration(age(at, now))));
    let why = task.stopped_reason.or(task.stop_code).unwrap_or("AWS gives no reason");
    painted(FAINT, &format!("{id} stopped{ago}: {why}"))
}

fn balancer(document: &Document<'_>) -> Vec<String> {
    let others = document.others.iter();
    let others = others.map(|name| painted(BAD, &format!("{name}: this platform's by its tags, under another name")));
    let Some(balancer) = document.load_balancer.here() else {
        return lacking(&document.load_balancer).into_iter().chain(others).collect();
    };
    let style = if balancer.state == "active" { GOOD } else { WARN };
    let reason = balancer
        .state_reason
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    let whose = match balancer.ours {
        Some(true) => "this platform's",
        Some(false) => "not this platform's: it lacks its tag",
        None => "whose it is could not be read",
    };
    let first = format!(
        "{} {}{reason}, {}, {whose}",
        balancer.name,
        painted(style, balancer.state),
        balancer.scheme
    );
    [first, balancer.dns_name.to_owned()]
        .into_iter()
        .chain(others)
        .collect()
}

fn targets(group: &GroupView<'_>) -> Vec<String> {
    let listener = &group.listener;
    let Some(here) = group.group.here() else {
        return match &group.group {
            // At zero there is none, and that is as it should be.
            Seen::Absent => Vec::new(),
            unknown => vec![format!("{listener}: {}", lacking(unknown).unwrap_or_default())],
        };
    };
    let by = match here.attached_to_the_service {
        Some(true) => ", attached to the service",
        _ => "",
    };
    let behind = if here.behind_the_load_balancer {
        ""
    } else {
        ", no listener forwards to it"
    };
    let Some(targets) = group.targets.here() else {
        let unknown = lacking(&group.targets).unwrap_or_default();
        return vec![format!("{listener}: targets of {}: {unknown}", group.name)];
    };
    if targets.list.is_empty() {
        return vec![format!("{listener}: none registered in {}{by}{behind}", group.name)];
    }
    let line = |target: &crate::document::TargetView<'_>| {
        let style = match target.state {
            "healthy" => GOOD,
            "initial" | "draining" => WARN,
            _ => BAD,
        };
        let reason = match (target.reason, target.description) {
            (Some(reason), Some(description)) => format!(" ({reason}: {description})"),
            (Some(reason), None) => format!(" ({reason})"),
            _ => String::new(),
        };
        let state = painted(style, target.state);
        format!("{listener}: {}:{} {state}{reason}{by}{behind}", target.id, target.port)
    };
    targets.list.iter().map(line).collect()
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
