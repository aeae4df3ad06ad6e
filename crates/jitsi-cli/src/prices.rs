//! The price book that commands calculate with: the configuration's prices, what `cost-analysis prices update` has fetched,
//! what is compiled in.

use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use jitsi_config::{Platform, StatedPrice};
use jitsi_cost::{Grade, PriceBook, Sheet, Written};
use jitsi_ops::problem::{Problem, ProblemKind};

use crate::printer::Printer;

/// Where fetched prices are kept: `$XDG_CACHE_HOME/jitsi-ops/prices.json`. `None`: the user has no home folder.
pub fn fetched_file() -> Option<PathBuf> {
    Some(cache_folder()?.join("prices.json"))
}

/// The user's folder for what can be fetched again.
pub fn cache_folder() -> Option<PathBuf> {
    Some(choose_base_strategy().ok()?.cache_dir().join("jitsi-ops"))
}

/// The prices for `platform`. Fetched ones that cannot be read are told, and left out; so is every price of the configuration
/// that is none: a price keeps no platform up. The problem is for a command that is about prices.
pub fn book(platform: &Platform, printer: &Printer) -> (PriceBook, Option<Problem>) {
    let (configured, mistakes) = configured(platform);
    let problem = (!mistakes.is_empty()).then(|| {
        let what = match mistakes.as_slice() {
            [_] => "the configuration has a price that is none".to_owned(),
            several => format!("the configuration has {} prices that are none", several.len()),
        };
        let problem = mistakes
            .iter()
            .fold(Problem::new(ProblemKind::Usage, what), Problem::because);
        problem.hint("`cost-analysis prices` lists items, units and prices")
    });
    (PriceBook::new(configured, fetched(printer)), problem)
}

/// The prices without a configuration.
pub fn book_of_nobody(printer: &Printer) -> PriceBook {
    PriceBook::new(None, fetched(printer))
}

/// `[prices]` of the configuration, and what in it is no price. `None`: there are none.
fn configured(platform: &Platform) -> (Option<Sheet>, Vec<String>) {
    let stated = &platform.money.prices;
    let currency = stated.currency.as_deref().map_or(Ok(()), Sheet::check_currency);
    let mut mistakes: Vec<String> = currency
        .err()
        .iter()
        .map(|why| format!("`prices.currency`: {why}"))
        .collect();
    let mut sheet = Sheet::default();
    for StatedPrice {
        line,
        region,
        item,
        usd,
        unit,
        seen,
        note,
    } in &stated.prices
    {
        let written = Written {
            item: item.clone(),
            usd: usd.clone(),
            unit: unit.clone(),
            steps: Vec::new(),
            seen: seen.clone(),
            note: note.clone(),
        };
        if let Err(why) = sheet.add(region, &written, Grade::Stated) {
            mistakes.push(format!("line {line}, `prices.{region}.{item}`: {why}"));
        }
    }
    // In another currency all of them are something else.
    let usable = stated
        .currency
        .as_deref()
        .is_none_or(|currency| Sheet::check_currency(currency).is_ok());
    ((usable && !stated.prices.is_empty()).then_some(sheet), mistakes)
}

fn fetched(printer: &Printer) -> Option<Sheet> {
    let file = fetched_file()?;
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            tell(&file, &error.to_string(), printer);
            return None;
        }
    };
    let sheet = Sheet::from_json(&text);
    sheet.map_err(|why| tell(&file, &why.to_string(), printer)).ok()
}

fn tell(file: &Path, why: &str, printer: &Printer) {
    let message = format!("the prices in `{}` are not used: {why}", file.display());
    let hint = "`cost-analysis prices update` fetches them anew; until then those hold that are built in";
    printer.warning(&message, Some(hint));
}
