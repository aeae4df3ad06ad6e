//! Ids as AWS would make them, but derived from the world's seed and the number of the call or event that makes them.
//! A replay of the same calls gives the same ids, also for a call whose effect comes later than its answer.

use md5::{Digest, Md5};

use super::World;

/// Set in the number of an event, so that events and calls do not draw the same ids.
pub(super) const EVENT: u64 = 1 << 63;

/// 32 hex digits that follow from the parts alone.
pub(crate) fn hex_of(parts: &[&str]) -> String {
    let mut hash = Md5::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A number that follows from the parts alone.
pub(crate) fn stable_hash(parts: &[&str]) -> u64 {
    u64::from_str_radix(&hex_of(parts)[..16], 16).unwrap_or_default()
}

impl World {
    /// Starts the drawing of ids for one call. A call that is answered now and takes effect later is carried out with
    /// the number that it was answered with.
    pub(crate) fn begin_request(&mut self, number: u64) {
        self.draw = (number, 0);
    }

    /// The number of the next call.
    pub(crate) fn reserve_request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    /// 32 fresh hex digits.
    pub(crate) fn fresh_id(&mut self) -> String {
        self.draw.1 += 1;
        hex_of(&[
            &self.seed.to_string(),
            &self.draw.0.to_string(),
            &self.draw.1.to_string(),
        ])
    }

    /// The first `length` (at most 32) digits of a fresh id.
    pub(crate) fn fresh_hex(&mut self, length: usize) -> String {
        let mut id = self.fresh_id();
        id.truncate(length);
        id
    }

    /// A fresh id in the form of a UUID.
    pub(crate) fn fresh_uuid(&mut self) -> String {
        let id = self.fresh_id();
        format!(
            "{}-{}-{}-{}-{}",
            &id[..8],
            &id[8..12],
            &id[12..16],
            &id[16..20],
            &id[20..]
        )
    }

    /// A fresh number of 19 digits, as ECS gives them to deployments.
    pub(crate) fn fresh_number(&mut self) -> String {
        let id = self.fresh_id();
        let number = u64::from_str_radix(&id[..15], 16).unwrap_or_default();
        format!("{:019}", 1_000_000_000_000_000_000 + number % 8_000_000_000_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_call_draws_the_same_ids_and_another_draws_others() {
        let mut one = World::new();
        let mut two = World::new();
        one.begin_request(7);
        two.begin_request(7);
        let first = one.fresh_id();
        assert_eq!(first, two.fresh_id());
        assert_ne!(first, one.fresh_id());
        two.begin_request(8);
        assert_ne!(first, two.fresh_id());
        assert_ne!(first, World::with_seed(2).fresh_id());
    }

    #[test]
    fn a_deployment_number_has_nineteen_digits() {
        assert_eq!(World::new().fresh_number().len(), 19);
    }
}
