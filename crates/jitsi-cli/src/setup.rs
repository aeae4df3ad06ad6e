//! What every command does before it works on a platform: notes, display, interrupts, and a way to AWS.

use std::sync::Arc;

use jitsi_ops::access::Aws;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_up::Interrupts;
use jitsi_ops::wanted::Wanted;

use crate::context::Context;
use crate::interrupt;
use crate::progress::Display;

/// Ready to work.
#[derive(Debug)]
pub struct Setup {
    /// Shows what happens.
    pub display: Arc<Display>,
    /// The operator's Ctrl-C.
    pub interrupts: Interrupts,
    /// The way to AWS.
    pub aws: Aws,
    /// The platform as it should be.
    pub wanted: Wanted,
}

/// Prepares work on the platform of `context`, with `count` tasks.
///
/// # Errors
/// There are no credentials, or the operator interrupted.
pub async fn set_up(context: &Context, count: u32, adopt: bool) -> Result<Setup, Problem> {
    let platform = &context.platform;
    let display = Arc::new(Display::new(Arc::clone(&context.printer), context.clock.clone()));
    let interrupts = interrupt::watch(Arc::clone(&display));
    if platform.account_id.is_none() {
        context
            .printer
            .detail("`account_id` is not configured: whatever account the credentials are for is taken");
    }
    let (aws, wanted) = tokio::select! {
        connected = connect(context, count, adopt) => connected?,
        () = interrupts.first.cancelled() => {
            return Err(Problem::new(ProblemKind::Interrupted, "interrupted before anything was done"));
        }
    };
    Ok(Setup {
        display,
        interrupts,
        aws,
        wanted,
    })
}

/// The way to AWS alone, for one of several platforms.
///
/// # Errors
/// There are no credentials.
pub async fn connect(context: &Context, count: u32, adopt: bool) -> Result<(Aws, Wanted), Problem> {
    if let Some(problem) = &context.prices_problem {
        let hint = Some("they are left out; `cost-analysis prices` tells more");
        let message = format!("{problem}: {}", problem.why.join("; "));
        context.printer.warning(&message, hint);
    }
    let aws = Aws::connect(&context.access).await?;
    let mut wanted = Wanted::of(&context.platform, count, adopt);
    wanted.credentials = (*aws.advice).clone();
    wanted.dns_credentials = (*aws.dns_advice).clone();
    wanted.further = context.further.clone();
    wanted.prices = Arc::clone(&context.prices);
    Ok((aws, wanted))
}
