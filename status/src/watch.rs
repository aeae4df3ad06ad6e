//! Looking again and again, until somebody interrupts.

use std::time::Duration;

use jitsi_cli::context::Context;
use jitsi_cli::exit::Exit;
use jitsi_cli::printer::Printer;

use crate::Looker;
use crate::document::Document;
use crate::text;

/// Never ends by itself. What fails is shown as unknown, and looked at again.
pub(crate) async fn watch(looker: &Looker, pause: Duration, context: &Context, printer: &Printer) -> Exit {
    loop {
        let (found, took) = looker.look(context).await;
        let document = Document::of(&found, &looker.wanted, took);
        let shown = text::text(&document, context.sandbox_file.is_some(), &context.further.flags);
        if printer.redraw(&shown).is_err() {
            return Exit::Failed;
        }
        // By the clock of whoever looks, also on the sandbox.
        tokio::time::sleep(pause).await;
    }
}
