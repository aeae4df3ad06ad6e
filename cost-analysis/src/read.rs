//! What a report is made of: the platform's shape, the journal, and where it is asked for the bill.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::prices::cache_folder;
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cost::Unknown;
use jitsi_ops::journal::History;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::survey::{Ledger, Shape, ledger};

use crate::args::Args;
use crate::bill::{Asking, Kept};
use crate::lives::{Lives, Reader};
use crate::month::Month;

/// What was found out.
pub(crate) struct Read {
    pub(crate) shape: Shape,
    /// `None` where hours were stated.
    pub(crate) lives: Option<Lives>,
    pub(crate) now: Timestamp,
    pub(crate) missing: Vec<Unknown>,
    pub(crate) warnings: Vec<jitsi_ops::plan::Warning>,
    /// `None` unless it was asked for.
    pub(crate) bill: Option<Kept>,
}

/// Finds it out. What is charged for comes last, when nothing else can fail any more.
pub(crate) async fn read(args: &Args, context: &Context, month: Month) -> Result<Read, Problem> {
    let now = context.clock.now();
    if let (Some(shape), Some(_)) = (args.shape(&context.platform), args.hours) {
        return Ok(Read {
            shape,
            lives: None,
            now,
            missing: Vec::new(),
            warnings: Vec::new(),
            bill: None,
        });
    }
    let setup = set_up(context, 1, false).await?;
    setup.display.finish();
    let folder = desk(Duration::ZERO, context.sandbox.as_ref())?.state_folder;
    let (copies, bills) = match &context.sandbox {
        Some(_) => (folder.join("copies"), folder.clone()),
        None => {
            let cache = cache_folder().unwrap_or_else(|| folder.clone());
            (cache.join("journal"), cache)
        }
    };
    let Setup { aws, wanted, .. } = &setup;
    let work = async {
        let Ledger { journal, shape } = ledger(aws, wanted, &folder).await;
        if args.hours.is_some() {
            return Ok((shape, None, None));
        }
        let mut reader = Reader::default();
        let history = journal?.history(aws, &copies, |entry| reader.take(&entry)).await?;
        let bill = bill(args, context, &setup, month, &bills).await?;
        Ok::<_, Problem>((shape, Some((reader, history)), bill))
    };
    let (shape, journal, bill) = tokio::select! {
        read = work => read?,
        () = setup.interrupts.first.cancelled() => {
            return Err(Problem::new(ProblemKind::Interrupted, "interrupted; nothing was changed"));
        }
    };
    let now = context.clock.now();
    let (lives, history) = journal.unzip();
    let history: History = history.unwrap_or_default();
    Ok(Read {
        shape: args.over(shape),
        lives: lives.map(|reader: Reader| reader.lives(now)),
        now,
        missing: unreadable(&history).into_iter().collect(),
        warnings: history.unreadable.into_iter().chain(history.not_kept).collect(),
        bill,
    })
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
