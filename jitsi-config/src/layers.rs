//! The two layers that lie over the file: flags, and below them the `JITSI_*` variables.

use crate::key::Key;
use crate::keys::KEYS;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::settings::{Layer, Setting, checked_text};
use crate::surroundings::{Flags, Surroundings};

/// What the flags say. An empty flag is a mistake: somebody's shell variable was unset.
pub(crate) fn of_flags(flags: &Flags, problems: &mut Vec<Problem>) -> Layer {
    let given = |key: &Key| {
        let flag = key.flag?;
        Some((flag.name, (flag.read)(flags)?))
    };
    layer(given, Origin::Flag, problems)
}

/// What the environment says. An empty variable counts as unset.
pub(crate) fn of_environment(surroundings: &Surroundings, problems: &mut Vec<Problem>) -> Layer {
    let given = |key: &Key| Some((key.variable?, surroundings.variable(key.variable?)?));
    layer(given, Origin::Environment, problems)
}

/// `given`: the name of the source, and the text that it gives.
fn layer<'g>(
    given: impl Fn(&Key) -> Option<(&'static str, &'g str)>,
    origin: fn(&'static str) -> Origin,
    problems: &mut Vec<Problem>,
) -> Layer {
    let mut layer = Layer::new();
    for key in KEYS {
        let Some((source, text)) = given(key) else { continue };
        let (value, problem) = checked_text(key, source, text);
        problems.extend(problem);
        let origin = origin(source);
        layer.insert(key.path, Setting { value, origin });
    }
    layer
}
