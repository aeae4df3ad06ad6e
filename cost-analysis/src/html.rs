//! The report as one page: no script, nothing from elsewhere, readable on a phone and on paper.

use std::fmt::Write;

use crate::chart::{COLOURS, adding_up, by_day};
use crate::report::Report;
use crate::tables::{Table, not_in_it, summary, tables, title};

const STYLE: &str = include_str!("report.css");

pub(crate) fn html(report: &Report) -> String {
    let title = format!("Cost of {}", title(report));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
        title = escaped(&title),
    );
    page.push_str("<dl class=\"summary\">\n");
    for (what, value) in summary(report) {
        let _ = writeln!(page, "<div><dt>{what}</dt><dd>{}</dd></div>", escaped(&value));
    }
    page.push_str("</dl>\n");
    if !report.anomalies.is_empty() {
        page.push_str("<h2>Look at</h2>\n<ul class=\"remarks\">\n");
        for remark in &report.anomalies {
            let _ = writeln!(page, "<li>{}</li>", escaped(remark));
        }
        page.push_str("</ul>\n");
    }
    page.push_str(&charts(report));
    for table in tables(report) {
        page.push_str(&grid(&table));
    }
    page.push_str("<h2>Not in it</h2>\n<ul>\n");
    for what in not_in_it(report) {
        let _ = writeln!(page, "<li>{}</li>", escaped(&what));
    }
    let _ = write!(
        page,
        "</ul>\n<footer>US dollars before tax, {}, prices as of {}.</footer>\n</body>\n</html>\n",
        escaped(&report.region),
        escaped(&report.prices_as_of)
    );
    page
}

fn charts(report: &Report) -> String {
    let mut charts = String::new();
    if let Some(svg) = by_day(&report.days) {
        let legend = COLOURS.map(|(name, colour)| {
            let plotters::style::RGBColor(red, green, blue) = colour;
            format!("<span><i style=\"background:rgb({red},{green},{blue})\"></i>{name}</span>")
        });
        charts.push_str(&figure("Cost of each day", &svg, &legend.join(" ")));
    }
    let budget = report.budget.map(|budget| budget.usd);
    if let Some(svg) = adding_up(&report.days, budget) {
        let legend = budget.map_or_else(String::new, |usd| {
            format!("the red line is the budget, {}", usd.monthly_text())
        });
        charts.push_str(&figure("How it adds up", &svg, &legend));
    }
    charts
}

fn figure(heading: &str, svg: &str, legend: &str) -> String {
    // Scaled by the page, not by its own size.
    let svg = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{heading}\" "), 1);
    format!(
        "<figure>\n<h2>{heading}</h2>\n<div class=\"wide\">{svg}</div>\n<figcaption>{legend}</figcaption>\n</figure>\n"
    )
}

fn grid(table: &Table) -> String {
    let class = |index: usize| {
        if table.numbers.contains(&index) {
            " class=\"number\""
        } else {
            ""
        }
    };
    let mut grid = format!("<h2>{}</h2>\n<div class=\"wide\"><table>\n<thead><tr>", table.heading);
    for (index, column) in table.columns.iter().enumerate() {
        let _ = write!(grid, "<th scope=\"col\"{}>{column}</th>", class(index));
    }
    grid.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        grid.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let _ = write!(grid, "<td{}>{}</td>", class(index), escaped(cell));
        }
        grid.push_str("</tr>\n");
    }
    grid.push_str("</tbody>\n</table></div>\n");
    grid
}

/// What would be taken for markup is shown as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_shown() {
        assert_eq!(escaped("<b>\"a\" & b"), "&lt;b&gt;&quot;a&quot; &amp; b");
    }
}
