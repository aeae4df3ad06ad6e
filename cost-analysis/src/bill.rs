//! The bill of a month: asked for when somebody agrees to pay for the question, and kept for a day.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jitsi_cli::consent;
use jitsi_cli::printer::Printer;
use jitsi_cli::setup::Setup;
use jitsi_ops::actual::{self, Bill, REQUESTS_AT_MOST};
use jitsi_ops::problem::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};

use crate::month::Month;
use crate::prices::write;

/// Name and version of the file.
const SCHEMA: &str = "jitsi-ops/bill/v1";
/// How long it is kept: AWS's figures are a day behind anyway.
const FRESH: i64 = 24 * 3600 * 1000;

/// A bill with the time at which AWS told it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    schema: String,
    pub(crate) fetched_at: Timestamp,
    pub(crate) bill: Bill,
}

/// What is needed to ask.
pub(crate) struct Asking<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) printer: &'a Printer,
    /// Whether the flags agree to pay.
    pub(crate) yes: bool,
    pub(crate) month: Month,
    pub(crate) now: Timestamp,
    /// Where answers are kept.
    pub(crate) folder: &'a Path,
}

impl Asking<'_> {
    /// The bill as it was kept, or else as AWS tells it now.
    pub(crate) async fn bill(&self) -> Result<Kept, Problem> {
        let Setup { aws, wanted, .. } = self.setup;
        let account = actual::account(aws, wanted).await?;
        let name = format!("bill-{account}-{}-{}.json", wanted.region, self.month);
        let file = self.folder.join(name);
        if let Some(kept) = self.kept(&file) {
            self.printer.progress(&format!(
                "the bill is as AWS told it at {:.0}, kept in {}: Cost Explorer is not asked again",
                kept.fetched_at,
                file.display()
            ));
            return Ok(kept);
        }
        self.agreed().await?;
        let (from, until) = self.month.dates(self.now);
        let bill = actual::bill(aws, from, until).await;
        let kept = Kept {
            schema: SCHEMA.to_owned(),
            fetched_at: self.now,
            bill: bill.map_err(|failure| wanted.problem(&failure))?,
        };
        self.keep(&file, &kept);
        Ok(kept)
    }

    /// Says what it costs, and goes on when somebody agrees.
    async fn agreed(&self) -> Result<(), Problem> {
        self.printer.progress(&format!(
            "--actual asks AWS Cost Explorer, which charges $0.01 for a request: one, or up to {REQUESTS_AT_MOST} where the answer has pages"
        ));
        if self.yes {
            return Ok(());
        }
        let somebody = consent::somebody_there(self.printer);
        if somebody && consent::given("Ask, and pay for it?", self.printer, &self.setup.interrupts).await {
            return Ok(());
        }
        if self.setup.interrupts.first.is_cancelled() {
            return Err(Problem::new(
                ProblemKind::Interrupted,
                "interrupted; Cost Explorer was not asked",
            ));
        }
        let what = "Cost Explorer was not asked: that costs money, and nobody has agreed";
        Err(Problem::new(ProblemKind::Refused, what).hint("`--yes` agrees; the answer is kept for a day"))
    }

    /// What was told less than a day ago. A file that cannot be read is told, and as good as none.
    fn kept(&self, file: &PathBuf) -> Option<Kept> {
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return self.not_used(file, &error.to_string()),
        };
        let kept = match serde_json::from_slice::<Kept>(&text) {
            Ok(kept) if kept.schema == SCHEMA => kept,
            Ok(kept) => return self.not_used(file, &format!("its schema is `{}`", kept.schema)),
            Err(error) => return self.not_used(file, &error.to_string()),
        };
        let age = self.now.as_millisecond() - kept.fetched_at.as_millisecond();
        // What comes from the future has no age.
        (0..FRESH).contains(&age).then_some(kept)
    }

    fn not_used(&self, file: &Path, why: &str) -> Option<Kept> {
        let message = format!("the bill in `{}` is not used: {why}", file.display());
        self.printer
            .warning(&message, Some("it is asked for anew, and replaced"));
        None
    }

    /// An answer that cannot be kept is an answer.
    fn keep(&self, file: &Path, kept: &Kept) {
        let written = serde_json::to_string(kept)
            .map_err(io::Error::from)
            .and_then(|text| write(file, &text));
        if let Err(error) = written {
            let message = format!("the bill cannot be kept in `{}`: {error}", file.display());
            self.printer
                .warning(&message, Some("asking again will be charged again"));
        }
    }
}
