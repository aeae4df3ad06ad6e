//! Ctrl-C once: stop and clean up. Twice: stop at once. SIGTERM, and SIGHUP of a closed terminal, count like it.

use std::sync::Arc;

use jitsi_ops::scale_up::Interrupts;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::progress::Display;

/// Watches for the operator's interrupts until the runtime ends.
pub fn watch(display: Arc<Display>) -> Interrupts {
    let interrupts = Interrupts::default();
    let watched = interrupts.clone();
    tokio::spawn(async move {
        let Ok(mut signals) = Signals::new() else { return };
        signals.next().await;
        display.warning(
            "interrupted; ending in good order",
            Some("press Ctrl-C again to stop at once and leave everything as it is"),
        );
        watched.first.cancel();
        signals.next().await;
        watched.second.cancel();
    });
    interrupts
}

/// The signals that mean "stop".
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
