//! The report for mail, issues and wikis.

use std::fmt::Write;

use crate::report::Report;
use crate::tables::{Table, not_in_it, summary, tables, title};

pub(crate) fn markdown(report: &Report) -> String {
    let mut page = format!("# {}\n\n", escaped(&title(report)));
    for (what, value) in summary(report) {
        let _ = writeln!(page, "* {what}: {}", escaped(&value));
    }
    if !report.anomalies.is_empty() {
        page.push_str("\n## Look at\n\n");
        for remark in &report.anomalies {
            let _ = writeln!(page, "* {}", escaped(remark));
        }
    }
    for table in tables(report) {
        page.push_str(&grid(&table));
    }
    page.push_str("\n## Not in it\n\n");
    for what in not_in_it(report) {
        let _ = writeln!(page, "* {}", escaped(&what));
    }
    let _ = writeln!(
        page,
        "\nUS dollars before tax, {}, prices as of {}.",
        report.region, report.prices_as_of
    );
    page
}

fn grid(table: &Table) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let mut grid = format!("\n## {}\n\n", table.heading);
    grid.push_str(&line(&mut table.columns.iter().map(|column| (*column).to_owned())));
    let rule = |index: usize| if table.numbers.contains(&index) { "---:" } else { "---" };
    grid.push_str(&line(&mut (0..table.columns.len()).map(|index| rule(index).to_owned())));
    for row in &table.rows {
        grid.push_str(&line(&mut row.iter().map(|cell| escaped(cell))));
    }
    grid
}

/// What would be taken for markup is shown as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '|' | '*' | '<' | '\\' | '[' | '#' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_shown_and_breaks_no_table() {
        assert_eq!(escaped("a|b\n*c* <d>"), r"a\|b \*c\* \<d>");
    }
}
