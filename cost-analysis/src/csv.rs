//! The report for spreadsheets: one table, a row for each figure. Amounts have all their digits.

use jitsi_cost::{Cost, Total, Usd};

use crate::actual::Actual;
use crate::report::Report;

const COLUMNS: [&str; 8] = ["month", "kind", "what", "from", "until", "quantity", "measure", "usd"];

pub(crate) fn csv(report: &Report) -> String {
    let mut rows: Vec<[String; 7]> = Vec::new();
    let known = |total: Total| total.known().map_or_else(String::new, exact);
    for session in report.sessions.iter().flatten() {
        rows.push([
            "session".to_owned(),
            session.who.clone().unwrap_or_default(),
            session.from.to_string(),
            session.until.map_or_else(String::new, |until| until.to_string()),
            String::new(),
            String::new(),
            known(session.cost.total),
        ]);
    }
    if let Some(event) = &report.event {
        rows.extend(lines("event", &event.cost));
    }
    rows.extend(lines("component", &report.cost));
    rows.extend(lines("idle", &report.idle));
    let plain = |kind: &str, what: &str, quantity: String, usd: String| {
        let [none, empty] = [String::new(), String::new()];
        [
            kind.to_owned(),
            what.to_owned(),
            none,
            empty,
            quantity,
            String::new(),
            usd,
        ]
    };
    if let Some(actual) = &report.actual {
        rows.extend(billed(actual));
    }
    let comparison = &report.comparison;
    let figures = [
        ("total", Some(report.cost.total)),
        ("projection", report.projection),
        ("month-before", comparison.month_before),
        ("always-on", Some(comparison.always_on)),
        ("always-on-nlb", Some(comparison.always_on_nlb)),
        ("always-on-alb", Some(comparison.always_on_alb)),
        ("per-hour", Some(comparison.per_hour)),
    ];
    for (what, total) in figures {
        if let Some(total) = total {
            rows.push(plain("figure", what, String::new(), known(total)));
        }
    }
    for scenario in &report.scenarios {
        rows.push(plain(
            "scenario",
            "hours",
            scenario.hours.to_string(),
            known(scenario.per_month),
        ));
    }
    if let Some(hours) = comparison.break_even_hours {
        rows.push(plain("figure", "break-even-hours", hours.to_string(), String::new()));
    }
    if let Some(budget) = report.budget {
        rows.push(plain("figure", "budget", String::new(), exact(budget.usd)));
    }
    for remark in &report.anomalies {
        rows.push(plain("look-at", remark, String::new(), String::new()));
    }
    for missing in &report.missing {
        rows.push(plain("missing", &missing.to_string(), String::new(), String::new()));
    }
    written(&report.month, &rows).unwrap_or_default()
}

/// To a ten-billionth of a dollar: what a third of an hour costs has no last digit.
fn exact(usd: Usd) -> String {
    usd.rounded(10).amount().normalize().to_string()
}

fn lines(kind: &str, cost: &Cost) -> Vec<[String; 7]> {
    let none = String::new;
    let known = cost.lines.iter().map(|line| {
        [
            kind.to_owned(),
            line.what.name().to_owned(),
            none(),
            none(),
            line.quantity.round_dp(10).normalize().to_string(),
            line.measure.clone(),
            exact(line.cost),
        ]
    });
    let unknown = cost.unknown.iter().map(|unknown| {
        let what = unknown.to_string();
        [format!("{kind}-unknown"), what, none(), none(), none(), none(), none()]
    });
    known.chain(unknown).collect()
}

/// What AWS bills: for each item, and for each usage type of which none stands.
fn billed(actual: &Actual) -> Vec<[String; 7]> {
    let row = |kind: &str, what: &str, quantity: String, measure: String, usd: Usd| {
        let [none, empty] = [String::new(), String::new()];
        let usd = usd.amount().to_string();
        [kind.to_owned(), what.to_owned(), none, empty, quantity, measure, usd]
    };
    let items = actual.lines.iter().map(|line| {
        let quantity = line.quantity.normalize().to_string();
        row("billed", line.item.name(), quantity, line.item.measure(), line.billed)
    });
    let others = actual.other.usage_types.iter();
    let others = others.map(|other| {
        let what = format!("{}, {}", other.service, other.usage_type);
        row("billed-other", &what, String::new(), String::new(), other.billed)
    });
    items.chain(others).collect()
}

fn written(month: &str, rows: &[[String; 7]]) -> Option<String> {
    let mut to = ::csv::Writer::from_writer(Vec::new());
    to.write_record(COLUMNS).ok()?;
    for row in rows {
        let cells = std::iter::once(month).chain(row.iter().map(String::as_str));
        // A spreadsheet would take what begins like this for a formula.
        let safe = cells.map(|cell| match cell.starts_with(['=', '+', '@']) {
            true => format!("'{cell}"),
            false => cell.to_owned(),
        });
        to.write_record(safe).ok()?;
    }
    String::from_utf8(to.into_inner().ok()?).ok()
}
