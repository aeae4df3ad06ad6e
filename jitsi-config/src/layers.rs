//! The two layers that lie over the file: flags, and below them the `JITSI_*` variables.

use crate::keys::KEYS;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::settings::{Layer, Setting, checked_text};
use crate::surroundings::{Flags, Surroundings};

/// What the flags say. An empty flag is a mistake: somebody's shell variable was unset.
pub(crate) fn of_flags(flags: &Flags, problems: &mut Vec<Problem>) -> Layer {
    let mut layer = Layer::new();
    for key in KEYS {
        let Some((flag, read)) = key.flag else {
            continue;
        };
        let Some(text) = read(flags) else { continue };
        let (value, problem) = checked_text(key, flag.name, text);
        problems.extend(problem);
        layer.insert(
            key.path,
            Setting {
                value,
                origin: Origin::Flag(flag.name),
            },
        );
    }
    layer
}

/// What the environment says. An empty variable counts as unset.
pub(crate) fn of_environment(surroundings: &Surroundings, problems: &mut Vec<Problem>) -> Layer {
    let mut layer = Layer::new();
    for key in KEYS {
        let Some(variable) = key.variable else {
            continue;
        };
        let Some(text) = surroundings.variable(variable) else {
            continue;
        };
        let (value, problem) = checked_text(key, variable, text);
        problems.extend(problem);
        layer.insert(
            key.path,
            Setting {
                value,
                origin: Origin::Environment(variable),
            },
        );
    }
    layer
}
