//! The report for people at a terminal.

use comfy_table::CellAlignment;
use jitsi_cli::printer::{FAINT, WARN};
use jitsi_cli::result;

use crate::report::Report;
use crate::tables::{Table, not_in_it, summary, tables, title};

pub(crate) fn text(report: &Report) -> String {
    let mut lines = vec![title(report), String::new()];
    lines.extend(
        summary(report)
            .into_iter()
            .map(|(what, value)| format!("{what:<13} {value}")),
    );
    for remark in &report.anomalies {
        lines.push(format!("{WARN}look at{WARN:#}       {remark}"));
    }
    for table in tables(report) {
        lines.push(String::new());
        lines.push(format!("{FAINT}{}{FAINT:#}", table.heading));
        lines.push(grid(&table));
    }
    lines.push(String::new());
    lines.extend(not_in_it(report).iter().map(|what| format!("not in it: {what}")));
    lines.push(format!(
        "{FAINT}US dollars before tax, {}, prices as of {}{FAINT:#}",
        report.region, report.prices_as_of
    ));
    lines.join("\n")
}

fn grid(table: &Table) -> String {
    let mut grid = result::table();
    grid.add_row(table.columns.iter().copied());
    for row in &table.rows {
        grid.add_row(row);
    }
    for number in table.numbers {
        if let Some(column) = grid.column_mut(*number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    grid.trim_fmt()
}
