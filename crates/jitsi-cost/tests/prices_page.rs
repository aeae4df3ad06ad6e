//! `docs/prices.md` has the figures of the built-in table.

use std::fs;
use std::path::Path;

use jitsi_cost::{Grade, Item, Sheet};

/// The cells of a row of a Markdown table.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

/// As the page writes the price of `item`.
fn written(table: &Sheet, region: &str, item: Item) -> String {
    let Some(price) = table.price(region, item) else {
        return "–".to_owned();
    };
    let letter = match price.source.grade {
        Grade::Published | Grade::Stated => "",
        Grade::Bill => " b",
        Grade::Inferred => " i",
        Grade::Secondary => " s",
    };
    format!("{}{letter}", price.usd.amount())
}

#[test]
fn the_page_has_the_prices_of_the_table_and_their_grades() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/prices.md");
    let text = fs::read_to_string(page).unwrap();
    let table = Sheet::built_in();
    assert!(text.contains(&format!("as of {}", table.as_of())));

    let mut rows = text.lines().filter(|line| line.starts_with('|')).map(cells);
    let regions = rows.next().unwrap()[1..].to_vec();
    let mut sorted = regions.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, table.regions().collect::<Vec<_>>());
    // Below the line, a row for each item, in their order.
    for (item, row) in Item::ALL.iter().zip(rows.skip(1)) {
        let expected: Vec<String> = regions.iter().map(|region| written(&table, region, *item)).collect();
        assert_eq!(row[1..], expected, "{item}: {}", row[0]);
    }
}
