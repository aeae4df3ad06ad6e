//! `cost-analysis prices`: which price comes from where, and fetching them anew.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jitsi_cli::args::OutputForm;
use jitsi_cli::context;
use jitsi_cli::exit::Exit;
use jitsi_cli::prices::{book, book_of_nobody, fetched_file};
use jitsi_cli::printer::Printer;
use jitsi_cli::result;
use jitsi_cost::price_list::Offer;
use jitsi_cost::{Grade, Item, Layer, PriceBook, Sheet};
use jitsi_ops::price_list;
use jitsi_ops::problem::{Problem, ProblemKind};
use serde::Serialize;

use crate::args::{Args, PricesArgs, PricesCommand, ReportForm};

/// Name and version of the document.
pub(crate) const SCHEMA: &str = "jitsi-ops/prices-of-a-region/v1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    region: &'a str,
    currency: &'static str,
    prices: Vec<Row>,
}

/// An item, priced or not.
#[derive(Serialize)]
struct Row {
    item: &'static str,
    unit: String,
    /// Null: not known.
    usd: Option<jitsi_cost::Usd>,
    from: Option<Layer>,
    grade: Option<Grade>,
    seen: Option<String>,
    note: Option<String>,
}

pub(crate) async fn run(prices: &PricesArgs, args: &Args, printer: Arc<Printer>) -> Result<Exit, Problem> {
    let common = args.common.plain();
    let named = common.platform.name_a_configuration();
    let (region, book) = match (context::platform(&common, &printer), &common.platform.region) {
        (Ok(platform), _) => match book(&platform, &printer) {
            (_, Some(problem)) => return Err(problem),
            (book, None) => (platform.region.to_string(), book),
        },
        // A region is enough to ask for its prices.
        (Err(problem), Some(region)) if !named => {
            printer.progress(&format!("note: no configuration is used: {problem}"));
            (region.clone(), book_of_nobody(&printer))
        }
        (Err(problem), _) => return Err(problem.hint("`--region us-west-2` is enough to ask for prices")),
    };
    if !matches!(args.common.output.output, ReportForm::Text | ReportForm::Json) {
        let problem = Problem::new(ProblemKind::Usage, "prices are shown as text or as JSON");
        return Err(problem.hint("`--output json` is for programs"));
    }
    match &prices.command {
        None if !book.regions().contains(&region.as_str()) => Err(none_for(&region)),
        None => {
            print(&region, &book, &printer);
            Ok(Exit::Done)
        }
        Some(PricesCommand::Update { url }) => update(url, &region, &printer).await,
    }
}

/// A region of which no layer has a price.
pub(crate) fn none_for(region: &str) -> Problem {
    let problem = Problem::new(
        ProblemKind::Failed,
        format!("there are no prices for the region `{region}`"),
    );
    problem.hint(format!("`cost-analysis prices update --region {region}` fetches them"))
}

fn print(region: &str, book: &PriceBook, printer: &Printer) {
    let row = |item: Item| {
        let found = book.price(region, item);
        let price = found.map(|(_, price)| price);
        Row {
            item: item.name(),
            unit: item.measure(),
            usd: price.map(|price| price.usd),
            from: found.map(|(layer, _)| layer),
            grade: price.map(|price| price.source.grade),
            seen: price.and_then(|price| price.source.seen.as_deref().map(str::to_owned)),
            note: price.map(|price| price.source.note.to_string()),
        }
    };
    let document = Document {
        schema: SCHEMA,
        region,
        currency: "USD",
        prices: Item::ALL.into_iter().map(row).collect(),
    };
    if printer.form == OutputForm::Json {
        printer.document(&result::json(&document));
        return;
    }
    let mut table = result::table();
    table.add_row(["item", "USD", "for a", "from", "seen", "in"]);
    for row in &document.prices {
        table.add_row([
            row.item.to_owned(),
            row.usd
                .map_or_else(|| "unknown".to_owned(), |usd| usd.amount().to_string()),
            row.unit.clone(),
            row.from.map_or("", Layer::as_str).to_owned(),
            row.seen.clone().unwrap_or_default(),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    printer.result(&format!("prices in {region}\n{}", table.trim_fmt()));
}

async fn update(url: &str, region: &str, printer: &Printer) -> Result<Exit, Problem> {
    let file = fetched_file().ok_or_else(|| {
        Problem::new(ProblemKind::Failed, "there is no place to keep prices in").hint("set HOME, or XDG_CACHE_HOME")
    })?;
    if !["https://", "http://", "file://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        let problem = Problem::new(ProblemKind::Usage, format!("`{url}` is no place to fetch prices from"));
        return Err(problem.hint("`--url` takes `https://...`, `http://...` or `file:///...`"));
    }
    let unwritable = |error: io::Error| {
        Problem::new(ProblemKind::Failed, format!("`{}` cannot be written", file.display()))
            .because(error.to_string())
            .hint("make its folder writable for yourself, or set XDG_CACHE_HOME to one that is")
    };
    // Before anything is fetched.
    writable(&file).map_err(unwritable)?;
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let mut sheet = Sheet::new(&today);
    let (mut count, mut missing) = (0, Vec::new());
    for offer in Offer::ALL {
        printer.progress(&format!("fetching {}", offer.code()));
        let read = price_list::prices(url, offer, region, &today).await?;
        for (item, price) in read.prices {
            sheet.set(region, item, price);
            // Those of an offer without regions say nothing of this one.
            count += usize::from(offer.path_without_region().is_none());
        }
        missing.extend(read.missing);
    }
    if count == 0 {
        let what = format!("the price list has no price for the region `{region}`");
        return Err(Problem::new(ProblemKind::Failed, what).hint("check `--region`; nothing was changed"));
    }
    sheet.keep_others_of(region, kept(&file).as_ref());
    write(&file, &sheet.to_json()).map_err(unwritable)?;
    for missing in missing {
        let message = format!("{} was not found: {}", missing.item, missing.reason);
        printer.warning(&message, Some("what is built in, or configured, still holds for it"));
    }
    let all = Item::ALL
        .into_iter()
        .filter(|item| sheet.price(region, *item).is_some())
        .count();
    let done = format!("{all} prices of {region} fetched, kept in {}", file.display());
    match printer.form {
        OutputForm::Json => {
            let book = PriceBook::new(None, Some(sheet));
            print(region, &book, printer);
        }
        OutputForm::Text => printer.result(&done),
    }
    Ok(Exit::Done)
}

/// What was fetched earlier; what cannot be read is fetched anew.
fn kept(file: &Path) -> Option<Sheet> {
    Sheet::from_json(&fs::read(file).ok()?).ok()
}

/// Whether a file can be made in that place.
fn writable(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = file.with_extension("part");
    fs::write(&part, "")?;
    fs::remove_file(part)
}

/// In one piece: whoever reads, or is killed, meanwhile, finds the old prices or the new ones.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = file.with_extension("part");
    fs::write(&part, text)?;
    fs::rename(part, file)
}
