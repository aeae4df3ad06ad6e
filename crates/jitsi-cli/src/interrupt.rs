//! Ctrl-C once: stop and clean up. Twice: stop at once. SIGTERM is taken like the first Ctrl-C.

use std::sync::Arc;

use jitsi_ops::scale_up::Interrupts;

use crate::progress::Display;

/// Watches for the operator's interrupts until the runtime ends.
pub fn watch(display: Arc<Display>) -> Interrupts {
    let interrupts = Interrupts::default();
    let watched = interrupts.clone();
    tokio::spawn(async move {
        interrupted().await;
        display.warning(
            "interrupted; stopping and cleaning up",
            Some("press Ctrl-C again to stop at once and leave everything as it is"),
        );
        watched.first.cancel();
        interrupted().await;
        watched.first.cancel();
        watched.second.cancel();
    });
    interrupts
}

#[cfg(unix)]
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
