//! The part of a schedule that has to do with the platform's name, and the watch beside it. Drawn after all the rest.

use fastrand::Rng;

use crate::draw::{DECISION, chance, milliseconds, one_of, when};
use crate::schedule::{Kind, Mishap, Schedule, Watch};
use crate::zone::{CHANGE, Found, LIST, Moment, Stranger, Theirs, Use};

const CALLS: [&str; 3] = [LIST, CHANGE, "GetChange"];

pub(crate) fn draw(rng: &mut Rng, schedule: &mut Schedule) {
    schedule.dns = one_of(rng, &[Use::None, Use::Remove, Use::Remove, Use::Remove, Use::Keep]);
    schedule.found = match rng.u8(0..10) {
        0..=4 => Found::AsLeft,
        5 => Found::Nothing,
        6..=7 => Found::OursOfOneGone,
        _ => Found::Strangers(theirs(rng)),
    };
    let strangers = if chance(rng, 0.25) { 0 } else { rng.u8(1..=3) };
    schedule.strangers = (0..strangers).map(|_| stranger(rng)).collect();
    schedule.watch = chance(rng, 0.3).then(|| Watch {
        after: milliseconds(rng, 0, 2 * DECISION),
        stays: milliseconds(rng, 0, 300_000),
        replaced: chance(rng, 0.5).then(|| milliseconds(rng, 0, 2 * DECISION)),
    });
    if schedule.dns != Use::None && chance(rng, 0.3) {
        schedule.mishaps.push(mishap(rng));
    }
}

fn theirs(rng: &mut Rng) -> Theirs {
    let address = Theirs::Address(rng.u8(1..=9));
    one_of(
        rng,
        &[
            address,
            address,
            Theirs::LongAddress,
            Theirs::Distribution,
            Theirs::Namesake,
            Theirs::OtherRegion,
        ],
    )
}

fn stranger(rng: &mut Rng) -> Stranger {
    let moment = match rng.u8(0..10) {
        0..=2 => Moment::After(milliseconds(rng, 0, 4 * DECISION)),
        3..=5 => Moment::Look(rng.u64(1..=16)),
        _ => Moment::Change(rng.u64(1..=2), when(rng)),
    };
    Stranger {
        moment,
        writes: chance(rng, 0.8).then(|| theirs(rng)),
    }
}

/// Something goes wrong at Route 53: a few times, or always.
fn mishap(rng: &mut Rng) -> Mishap {
    let plain = [
        Kind::Throttled,
        Kind::ServerError,
        Kind::Unavailable,
        Kind::DroppedBefore,
        Kind::DroppedAfter,
    ];
    let operation = Some(one_of(rng, &CALLS));
    if chance(rng, 0.25) {
        let kind = one_of(rng, &[Kind::Denied, Kind::ServerError]);
        return Mishap {
            kind,
            operation,
            nth: 1,
            times: u64::MAX,
        };
    }
    Mishap {
        kind: one_of(rng, &plain),
        operation,
        nth: rng.u64(1..=3),
        times: rng.u64(1..=8),
    }
}
