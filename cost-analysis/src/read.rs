//! What a report is made of: the platform's shape, the journal, and where it is asked for the bill.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::prices::cache_folder;
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cost::{Span, Unknown};
use jitsi_ops::access::Aws;
use jitsi_ops::journal::History;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::survey::{KEPT, Ledger, Shape, ledger, running_hours};
use jitsi_ops::wanted::Wanted;

use crate::args::{Args, UsageFrom};
use crate::bill::{Asking, Kept};
use crate::lives::Reader;
use crate::month::Month;
use crate::usage::Usage;

/// What was found out.
pub(crate) struct Read {
    pub(crate) shape: Shape,
    pub(crate) usage: Usage,
    pub(crate) now: Timestamp,
    pub(crate) missing: Vec<Unknown>,
    pub(crate) warnings: Vec<jitsi_ops::plan::Warning>,
    /// `None` unless it was asked for.
    pub(crate) bill: Option<Kept>,
}

/// Finds it out. What is charged for comes last, when nothing else can fail any more.
pub(crate) async fn read(args: &Args, context: &Context, month: Month) -> Result<Read, Problem> {
    let stated = args.hours.map(Usage::Hours);
    if let (Some(shape), Some(usage)) = (args.shape(&context.platform), stated) {
        return Ok(Read {
            shape,
            usage,
            now: context.clock.now(),
            missing: Vec::new(),
            warnings: Vec::new(),
            bill: None,
        });
    }
    let setup = set_up(context, 1, false).await?;
    setup.display.finish();
    let folder = desk(Duration::ZERO, context.sandbox_file.as_ref())?.state_folder;
    let (copies, bills) = match &context.sandbox_file {
        Some(_) => (folder.join("copies"), folder.clone()),
        None => {
            let cache = cache_folder().unwrap_or_else(|| folder.clone());
            (cache.join("journal"), cache)
        }
    };
    let Setup { aws, wanted, .. } = &setup;
    let work = async {
        let Ledger {
            journal,
            shape,
            alive,
            ambiguous,
        } = ledger(aws, wanted, &folder).await;
        let now = context.clock.now();
        let (usage, history) = match (args.hours, args.usage) {
            (Some(hours), _) => (Usage::Hours(hours), History::default()),
            (None, UsageFrom::Cloudwatch) => (cloudwatch(aws, wanted, month, now).await?, History::default()),
            (None, UsageFrom::Journal) => {
                let mut reader = Reader::default();
                let history = journal?.history(aws, &copies, |entry| reader.take(&entry)).await?;
                (Usage::Journal(reader.lives(now, alive.as_ref())), history)
            }
        };
        let reads_the_journal = matches!(usage, Usage::Journal(_));
        Ok(Read {
            shape: args.over(shape),
            usage,
            now,
            missing: unreadable(&history)
                .into_iter()
                .chain(which_bucket(&ambiguous).filter(|_| reads_the_journal))
                .collect(),
            warnings: history.unreadable.into_iter().chain(history.not_kept).collect(),
            bill: bill(args, context, &setup, month, &bills).await?,
        })
    };
    tokio::select! {
        read = work => read,
        () = setup.interrupts.first.cancelled() => {
            Err(Problem::new(ProblemKind::Interrupted, "interrupted; nothing was changed"))
        }
    }
}

/// What CloudWatch has of `month` and the one before.
async fn cloudwatch(aws: &Aws, wanted: &Wanted, month: Month, now: Timestamp) -> Result<Usage, Problem> {
    let mut hours = Vec::new();
    for month in [month.before(), month] {
        let Span { from, until } = month.span();
        if now.duration_since(from) > KEPT {
            let what = format!("CloudWatch does not have {month} any more: it keeps 455 days");
            return Err(Problem::new(ProblemKind::Failed, what).hint("`--usage journal` takes the journal"));
        }
        let read = running_hours(aws, wanted, from, until.min(now)).await;
        hours.extend(read.map_err(|failure| wanted.problem(&failure))?);
    }
    Ok(Usage::CloudWatch(hours))
}

/// The bill, where it is asked for.
async fn bill(
    args: &Args,
    context: &Context,
    setup: &Setup,
    month: Month,
    folder: &Path,
) -> Result<Option<Kept>, Problem> {
    if !args.actual {
        return Ok(None);
    }
    let asking = Asking {
        setup,
        printer: &context.printer,
        yes: args.yes,
        month,
        now: context.clock.now(),
        folder,
    };
    asking.bill().await.map(Some)
}

/// Which of several buckets has the journal nobody can tell.
fn which_bucket(several: &[String]) -> Option<Unknown> {
    (!several.is_empty()).then(|| Unknown {
        what: "the journal of the bucket".to_owned(),
        reason: format!(
            "`{}` go by the project's name, and `bucket` does not say which it is, so only this machine's journal was read",
            several.join("`, `")
        ),
    })
}

/// Entries that are none, counted and named.
fn unreadable(history: &History) -> Option<Unknown> {
    let count = history.unreadable.len();
    (count > 0).then(|| Unknown {
        what: format!("{count} entr{} of the journal", if count == 1 { "y" } else { "ies" }),
        reason: history
            .unreadable
            .iter()
            .map(|told| told.message.clone())
            .collect::<Vec<_>>()
            .join("; "),
    })
}
