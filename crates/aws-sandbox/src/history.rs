//! What the world was like: for reads that are answered from an older state.

use std::collections::VecDeque;

use crate::clock::{MINUTE, Ms};
use crate::world::World;

/// The world after each of the latest changes from outside. What happened by itself in between follows from them.
#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<World>);

/// How far back it reaches, and how many states it keeps at most.
const SPAN: Ms = 10 * MINUTE;
const STATES: usize = 64;

impl History {
    /// Keeps the present state.
    pub(crate) fn remember(&mut self, world: &World) {
        let now = world.now_ms();
        if self.0.back().is_some_and(|latest| latest.now_ms() == now) {
            self.0.pop_back();
        }
        self.0.push_back(world.clone());
        // One that is older than the span is still needed: it is the state at the span's beginning.
        while self.0.len() > STATES || self.0.get(1).is_some_and(|second| second.now_ms() < now - SPAN) {
            self.0.pop_front();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The world as it was at a time; as far back as is known.
    pub(crate) fn at(&self, time: Ms) -> Option<World> {
        let before = self.0.iter().rev().find(|world| world.now_ms() <= time);
        let mut world = before.or(self.0.front())?.clone();
        world.advance_to(time);
        Some(world)
    }
}
