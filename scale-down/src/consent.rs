//! Asks the operator, at a terminal, whether to go on where the guard cannot tell if somebody is in a meeting.

use jitsi_cli::consent;
use jitsi_cli::printer::Printer;
use jitsi_cli::setup::Setup;
use jitsi_ops::scale_down::Report;

/// Whether the operator says that it may go on. Without a terminal nobody is asked, and the answer is no.
pub(crate) async fn given(report: &Report, setup: &Setup, printer: &Printer) -> bool {
    if !consent::somebody_there(printer) {
        return false;
    }
    setup.display.finish();
    for why in report.problem.iter().flat_map(|problem| &problem.why) {
        printer.progress(why);
    }
    let question = format!("Go on, and end whatever meeting is on at {}?", setup.wanted.domain);
    consent::given(&question, printer, &setup.interrupts).await
}
