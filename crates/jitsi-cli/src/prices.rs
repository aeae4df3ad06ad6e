//! The price book that commands calculate with: the configuration's prices, what `cost-analysis prices update` has fetched,
//! what is compiled in.

use std::path::{Path, PathBuf};

use etcetera::{BaseStrategy, choose_base_strategy};
use jitsi_config::{Platform, StatedPrice};
use jitsi_cost::{Grade, PriceBook, Sheet, Unpriced, Written};
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

/// The prices for `platform`. Fetched ones that cannot be read are told, and left out.
///
/// # Errors
/// What the configuration has is no price.
pub fn book(platform: &Platform, printer: &Printer) -> Result<PriceBook, Problem> {
    Ok(PriceBook::new(configured(platform)?, fetched(printer)))
}

/// The prices without a configuration.
pub fn book_of_nobody(printer: &Printer) -> PriceBook {
    PriceBook::new(None, fetched(printer))
}

/// `[prices]` of the configuration; `None`: there are none.
fn configured(platform: &Platform) -> Result<Option<Sheet>, Problem> {
    let stated = &platform.money.prices;
    if let Some(currency) = &stated.currency {
        Sheet::check_currency(currency).map_err(|why| mistake("`prices.currency`", &why))?;
    }
    if stated.prices.is_empty() {
        return Ok(None);
    }
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
        let place = format!("line {line}, `prices.{region}.{item}`");
        sheet
            .add(region, &written, Grade::Stated)
            .map_err(|why| mistake(&place, &why))?;
    }
    Ok(Some(sheet))
}

fn mistake(place: &str, why: &Unpriced) -> Problem {
    let what = format!("the configuration has a price that is none: {place}");
    Problem::new(ProblemKind::Usage, what)
        .because(why.to_string())
        .hint("`cost-analysis prices` lists items, units and prices")
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
