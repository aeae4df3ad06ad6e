//! The report as tables, which text, Markdown and HTML show each in their own way.

use jitsi_cost::{Cost, Total};

use crate::report::Report;
use crate::session::hours;

/// A table with a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) heading: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
    /// The columns that hold numbers.
    pub(crate) numbers: &'static [usize],
}

/// Of what, and of which time.
pub(crate) fn title(report: &Report) -> String {
    let until = match report.month_is_over || report.usage == "hours" {
        true => String::new(),
        false => format!(" until {}", report.period.until.strftime("%Y-%m-%d %H:%M")),
    };
    let profile = report
        .profile
        .as_ref()
        .map_or_else(String::new, |profile| format!(" ({profile})"));
    let from = match report.usage {
        "hours" => ", by stated hours",
        "cloudwatch" => ", by CloudWatch",
        _ => "",
    };
    format!("{}{profile}: {}{until}{from}", report.domain, report.month)
}

/// The first lines: what most people want to know.
pub(crate) fn summary(report: &Report) -> Vec<(&'static str, String)> {
    let comparison = &report.comparison;
    let mut lines = vec![("cost", money(report.cost.total))];
    if !report.month_is_over && report.projection.is_some() && report.usage != "hours" {
        let whole = format!("{}, if it goes on like this", about(report.projection));
        lines.push(("whole month", whole));
    }
    if let Some(actual) = &report.actual {
        lines.push(("billed", actual.in_short()));
    }
    lines.push(("all the time", money(report.idle.total)));
    if let Some(before) = comparison.month_before {
        lines.push(("month before", money(before)));
    }
    if let Some(budget) = report.budget {
        let kept = match (budget.over, budget.will_be_over) {
            (true, _) => "exceeded",
            (false, true) => "will be exceeded",
            (false, false) if report.cost.total.is_complete() => "kept",
            (false, false) => "kept, by what is known",
        };
        lines.push(("budget", format!("{}, {kept}", budget.usd.monthly_text())));
    }
    lines.push(("an hour up", comparison.per_hour.hourly_text()));
    lines
}

/// All tables, in their order. What is empty is left out.
pub(crate) fn tables(report: &Report) -> Vec<Table> {
    let tables = [
        sessions(report),
        Some(cost("What it was spent on", &report.cost)),
        Some(known_of("Of that, all the time", &report.idle)),
        actual(report),
        Some(comparison(report)),
        Some(scenarios(report)),
        event(report),
    ];
    tables
        .into_iter()
        .flatten()
        .filter(|table| !table.rows.is_empty())
        .collect()
}

/// What is in no sum, and why.
pub(crate) fn not_in_it(report: &Report) -> Vec<String> {
    let unknown = report.cost.unknown.iter().chain(&report.missing);
    unknown.map(ToString::to_string).collect()
}

/// What is known of an amount that nobody knows yet.
pub(crate) fn about(total: Option<Total>) -> String {
    let known = total.and_then(Total::known);
    known.map_or_else(|| "unknown".to_owned(), |usd| format!("about {}", usd.monthly_text()))
}

/// To the cent.
pub(crate) fn money(total: Total) -> String {
    total.monthly_text()
}

fn sessions(report: &Report) -> Option<Table> {
    let row = |session: &crate::session::Session| {
        let minute = |time: jiff::Timestamp| time.strftime("%Y-%m-%d %H:%M").to_string();
        let until = session.until.unwrap_or(session.within.until);
        let is_all = session.within.from == session.from && session.within.until == until;
        let lasted = hours(session.within.milliseconds());
        let lasted = if is_all { lasted } else { format!("{lasted} in it") };
        vec![
            minute(session.from),
            session.until.map_or_else(|| "not ended".to_owned(), minute),
            lasted,
            session
                .who
                .clone()
                .unwrap_or_else(|| "nobody of whom the journal knows".to_owned()),
            money(session.cost.total),
        ]
    };
    Some(Table {
        heading: "Sessions (UTC)",
        columns: &["from", "until", "for", "by", "cost"],
        rows: report.sessions.as_ref()?.iter().map(row).collect(),
        numbers: &[2, 4],
    })
}

fn cost(heading: &'static str, cost: &Cost) -> Table {
    let line = |line: &jitsi_cost::CostLine| {
        vec![
            line.what.to_string(),
            line.quantity.round_dp(3).normalize().to_string(),
            match line.free {
                0 => line.measure.clone(),
                free => format!("{}, the first {free} free", line.measure),
            },
            match line.tiers {
                false => line.price.to_string(),
                true => format!("{} and less", line.price),
            },
            line.cost.monthly_text(),
        ]
    };
    // Why not stands below all tables.
    let unknown = |unknown: &jitsi_cost::Unknown| {
        let empty = String::new;
        vec![unknown.what.clone(), empty(), empty(), empty(), "unknown".to_owned()]
    };
    Table {
        heading,
        columns: &["what", "quantity", "of", "price", "cost"],
        rows: cost
            .lines
            .iter()
            .map(line)
            .chain(cost.unknown.iter().map(unknown))
            .collect(),
        numbers: &[1, 3, 4],
    }
}

/// Without what is not known: the table above it has that already.
fn known_of(heading: &'static str, of: &Cost) -> Table {
    let known = Cost {
        unknown: Vec::new(),
        ..of.clone()
    };
    cost(heading, &known)
}

fn actual(report: &Report) -> Option<Table> {
    Some(Table {
        heading: "The bill beside it",
        columns: &["what", "billed", "worked out", "difference"],
        rows: report.actual.as_ref()?.rows(),
        numbers: &[1, 2, 3],
    })
}

fn comparison(report: &Report) -> Table {
    let comparison = &report.comparison;
    let mut rows = vec![
        ("up all month", money(comparison.always_on)),
        (
            "only a network load balancer all month, no task",
            money(comparison.always_on_nlb),
        ),
        (
            "only an application load balancer all month, no task",
            money(comparison.always_on_alb),
        ),
    ];
    let hours = comparison.break_even_hours.map(|hours| format!("{hours} h"));
    let even = "up to so many hours up, it costs less than that one";
    rows.push((even, hours.unwrap_or_else(|| "unknown".to_owned())));
    Table {
        heading: "It could have been",
        columns: &["what", "cost"],
        rows: rows
            .into_iter()
            .map(|(what, cost)| vec![what.to_owned(), cost])
            .collect(),
        numbers: &[1],
    }
}

fn scenarios(report: &Report) -> Table {
    let row =
        |scenario: &crate::compare::Scenario| vec![scenario.hours.normalize().to_string(), money(scenario.per_month)];
    Table {
        heading: "A month of so many hours",
        columns: &["hours", "cost"],
        rows: report.scenarios.iter().map(row).collect(),
        numbers: &[0, 1],
    }
}

fn event(report: &Report) -> Option<Table> {
    let event = report.event.as_ref()?;
    let mut table = cost("An event", &event.cost);
    let people = format!("{} people for {} min", event.participants, event.minutes);
    table.rows.push(vec![
        people,
        String::new(),
        String::new(),
        String::new(),
        money(event.cost.total),
    ]);
    Some(table)
}
