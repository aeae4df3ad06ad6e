//! The loop: reads jicofo at the interval, asks the agent what the machine says, tells what has changed. One thread, one
//! request at a time, each with a deadline, so that nothing can hold it up for longer.

use std::thread;
use std::time::{Duration, Instant};

use crate::agent;
use crate::health::Health;
use crate::jicofo::Jicofo;
use crate::report::Report;
use crate::settings::Settings;
use crate::watch::Watch;

/// Watches until the process ends. `say` is given what the operator should read.
pub fn run(settings: &Settings, health: &Health, mut say: impl FnMut(&str)) -> ! {
    let started = Instant::now();
    let mut jicofo = Jicofo::new(&settings.stats, &settings.probe_prefix);
    let mut watch = Watch::new(settings.rules());
    let mut report = Report::default();
    let mut next_reading = Duration::ZERO;
    let mut has_read = false;
    loop {
        let begun = started.elapsed();
        if let Some(ask) = watch.due(begun) {
            let deadline = Instant::now() + settings.agent_timeout;
            let answer = agent::put(&settings.agent, ask, settings.expires_minutes, deadline);
            watch.answered(ask, answer.is_ok(), begun, started.elapsed());
            report.answered(&answer);
        } else if next_reading <= begun {
            let reading = jicofo.read(Instant::now() + settings.timeout);
            next_reading = begun + settings.interval;
            watch.read(&reading, begun, started.elapsed());
            report.read(&reading);
            has_read = true;
        } else {
            let until = watch.next_ask().map_or(next_reading, |ask| ask.min(next_reading));
            thread::sleep(until.saturating_sub(begun));
            continue;
        }
        let now = started.elapsed();
        if let Some(news) = report.news(&watch, now) {
            say(&news);
        }
        if has_read && watch.due(now).is_none() {
            health.cycle(Instant::now(), watch.as_wanted(), report.now(&watch, now));
        }
    }
}
