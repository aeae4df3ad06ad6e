//! Which profile is meant: `--profile`, `JITSI_PROFILE`, or the only one there is.

use std::path::Path;

use crate::document::Profile;
use crate::problem::{Problem, quoted};
use crate::suggest::nearest;
use crate::surroundings::{Flags, Surroundings};

/// The index of the profile that is meant; `None`: the unnamed one of a file without profiles, or of no file.
pub(crate) fn choose(
    profiles: &[Profile],
    file: Option<&Path>,
    flags: &Flags,
    surroundings: &Surroundings,
) -> Result<Option<usize>, Problem> {
    let by_flag = flags.profile.as_deref().map(|name| (name, "--profile"));
    let by_variable = || Some((surroundings.variable("JITSI_PROFILE")?, "JITSI_PROFILE"));
    match by_flag.or_else(by_variable) {
        Some((name, source)) => named(profiles, file, name).map_err(|(message, hint)| Problem {
            key: Some(source.to_owned()),
            ..Problem::new(
                format!("`{source}` names profile {}, but {message}", quoted(name)),
                hint,
            )
        }),
        None => only(profiles),
    }
}

/// The error is a message and a hint.
fn named(profiles: &[Profile], file: Option<&Path>, name: &str) -> Result<Option<usize>, (String, Option<String>)> {
    if let Some(index) = profiles.iter().position(|profile| profile.name == name) {
        return Ok(Some(index));
    }
    if profiles.is_empty() {
        let hint = "leave the profile out, or write a `jitsi.toml` with a `[profiles.NAME]`".to_owned();
        let message = file.map_or_else(
            || "no configuration file was found".to_owned(),
            |file| format!("`{}` has no profiles", file.display()),
        );
        return Err((message, Some(hint)));
    }
    let near = nearest(name, profiles.iter().map(|profile| profile.name.as_str()));
    let hint = near.map(|near| format!("did you mean `{near}`?"));
    Err((format!("there are only {}", names(profiles)), hint))
}

fn only(profiles: &[Profile]) -> Result<Option<usize>, Problem> {
    if profiles.len() > 1 {
        let message = format!("there are several profiles and none is named: {}", names(profiles));
        let hint = "name one with `--profile` or `JITSI_PROFILE`".to_owned();
        return Err(Problem::new(message, Some(hint)));
    }
    Ok((!profiles.is_empty()).then_some(0))
}

fn names(profiles: &[Profile]) -> String {
    let names: Vec<String> = profiles.iter().map(|profile| format!("`{}`", profile.name)).collect();
    names.join(", ")
}
