//! DescribeAccountLimits.

use crate::wire::xml::{Element, members, text};
use crate::world::World;

/// The quotas that this sandbox knows.
pub(super) fn describe(world: &World) -> Vec<Element> {
    let limits = world
        .limits
        .all()
        .map(|(name, most)| vec![text("Name", name), text("Max", most)]);
    vec![members("Limits", limits)]
}
