//! Loading: from flags and surroundings to one platform, or to all of them.

use std::path::{Path, PathBuf};

use crate::collisions::{self, Candidate};
use crate::discovery::{Found, discover};
use crate::document::{Document, Form};
use crate::layers;
use crate::platform::Platform;
use crate::problem::{ConfigError, Problem, Warning};
use crate::resolve;
use crate::safety;
use crate::selection;
use crate::settings::{Layer, Settings, Subject, Value};
use crate::surroundings::{Flags, Surroundings};
use crate::unused;

/// One platform, and what was noticed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The file it was read from; `None`: everything came from flags and environment.
    pub file: Option<PathBuf>,
    /// The platform.
    pub platform: Platform,
    /// What works, but should be known.
    pub warnings: Vec<Warning>,
    /// The names of all profiles of the file, in its order.
    pub profiles: Vec<String>,
}

/// Every platform of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configurations {
    /// As in [`Configuration`].
    pub file: Option<PathBuf>,
    /// At least one; in the order of the file.
    pub platforms: Vec<Platform>,
    /// What works, but should be known.
    pub warnings: Vec<Warning>,
}

/// Finds, reads and checks the configuration and gives the platform that is meant.
///
/// # Errors
/// Everything that is wrong with the file, the flags and the environment. Of profiles that were not chosen, what is wrong
/// with a single key is reported too, but not what they lack.
pub fn load(flags: &Flags, surroundings: &Surroundings) -> Result<Configuration, ConfigError> {
    Input::gather(flags, surroundings)?.choose(flags, surroundings)
}

/// Finds, reads and checks the configuration and gives all platforms of the file, whatever `--profile` says.
///
/// Flags hold for all of them. The `JITSI_*` variables speak of one platform: where there are several profiles they are left
/// out, with a warning.
///
/// # Errors
/// As for [`load`], and what any of the profiles lacks.
pub fn load_all(flags: &Flags, surroundings: &Surroundings) -> Result<Configurations, ConfigError> {
    Input::gather(flags, surroundings)?.all(flags, surroundings)
}

/// As [`load`], of a text that lies in no file: nothing is looked for, and there are no flags and no environment.
///
/// # Errors
/// As for [`load`]; `name` stands for the file in them, and its extension `.json` says that it is the flat form.
pub fn load_text(name: &Path, text: &str, profile: Option<&str>) -> Result<Configuration, ConfigError> {
    let flags = Flags {
        profile: profile.map(str::to_owned),
        ..Flags::default()
    };
    let nowhere = Surroundings {
        env: Default::default(),
        current_dir: PathBuf::new(),
        config_home: None,
        uid: 0,
    };
    Input::parse(name, text, Vec::new())?.choose(&flags, &nowhere)
}

/// The file as it was read.
struct Input {
    file: Option<PathBuf>,
    document: Document,
    warnings: Vec<Warning>,
}

impl Input {
    fn gather(flags: &Flags, surroundings: &Surroundings) -> Result<Self, ConfigError> {
        let (path, warning) =
            match discover(flags, surroundings).map_err(|problem| ConfigError::new(None, vec![problem]))? {
                Found::File { path, warning } => (path, warning),
                Found::Nothing { .. } if surroundings.variable("JITSI_DOMAIN").is_some() => {
                    return Ok(Self {
                        file: None,
                        document: Document::default(),
                        warnings: Vec::new(),
                    });
                }
                Found::Nothing { looked_in } => {
                    return Err(ConfigError::new(None, vec![nothing_found(&looked_in, surroundings)]));
                }
            };
        let (text, mut warnings) =
            safety::read(&path, surroundings.uid).map_err(|problems| ConfigError::new(Some(path.clone()), problems))?;
        warnings.extend(warning);
        Self::parse(&path, &text, warnings)
    }

    fn parse(path: &Path, text: &str, mut warnings: Vec<Warning>) -> Result<Self, ConfigError> {
        let error = |problems| ConfigError::new(Some(path.to_owned()), problems);
        let mut document = Document::parse(path, text).map_err(error)?;
        warnings.append(&mut document.warnings);
        Ok(Self {
            file: Some(path.to_owned()),
            document,
            warnings,
        })
    }

    fn choose(mut self, flags: &Flags, surroundings: &Surroundings) -> Result<Configuration, ConfigError> {
        let mut problems = std::mem::take(&mut self.document.problems);
        let by_flags = layers::of_flags(flags, &mut problems);
        let by_environment = layers::of_environment(surroundings, &mut problems);
        let over = [&by_flags, &by_environment];
        let chosen = match selection::choose(&self.document.profiles, self.file.as_deref(), flags, surroundings) {
            Ok(chosen) => Some(chosen),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        let candidates = self.candidates(
            surroundings,
            |index| {
                if chosen == Some(Some(index)) { &over[..] } else { &[] }
            },
        );
        problems.extend(collisions::find(&candidates));
        let platform = match chosen {
            Some(Some(index)) => self.build_profile(&candidates[index], index, &mut problems),
            Some(None) => self.build_unnamed(&over, surroundings, &mut problems),
            None => None,
        };
        let profiles = self
            .document
            .profiles
            .iter()
            .map(|profile| profile.name.clone())
            .collect();
        match platform {
            Some(platform) if problems.is_empty() => {
                let mut warnings = self.warnings;
                warnings.extend(unused::warnings(&platform));
                Ok(Configuration {
                    file: self.file,
                    platform,
                    warnings,
                    profiles,
                })
            }
            // What is only a warning by itself, a misspelt key of a flat file say, may be why a key is missing.
            _ => Err(ConfigError::with_warnings(self.file, problems, self.warnings)),
        }
    }

    fn all(mut self, flags: &Flags, surroundings: &Surroundings) -> Result<Configurations, ConfigError> {
        let mut problems = std::mem::take(&mut self.document.problems);
        let by_flags = layers::of_flags(flags, &mut problems);
        let mut ignored = Vec::new();
        let mut by_environment = layers::of_environment(surroundings, &mut ignored);
        if self.document.profiles.len() > 1 {
            self.warnings.extend(left_out(&by_environment));
            by_environment.clear();
        } else {
            problems.append(&mut ignored);
        }
        let over = [&by_flags, &by_environment];
        let candidates = self.candidates(surroundings, |_| &over[..]);
        problems.extend(collisions::find(&candidates));
        let platforms: Vec<Platform> = if candidates.is_empty() {
            self.build_unnamed(&over, surroundings, &mut problems)
                .into_iter()
                .collect()
        } else {
            let each = candidates.iter().enumerate();
            each.filter_map(|(index, candidate)| self.build_profile(candidate, index, &mut problems))
                .collect()
        };
        if !problems.is_empty() {
            return Err(ConfigError::new(self.file, problems));
        }
        let mut warnings = self.warnings;
        for warning in platforms.iter().flat_map(unused::warnings) {
            // What several profiles have in common is told once.
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        Ok(Configurations {
            file: self.file,
            platforms,
            warnings,
        })
    }

    /// Every profile, settled from the file alone and with the layers that `over` gives for its index laid over it.
    fn candidates<'c>(
        &'c self,
        surroundings: &Surroundings,
        over: impl Fn(usize) -> &'c [&'c Layer],
    ) -> Vec<Candidate<'c>> {
        let each = self.document.profiles.iter().enumerate();
        each.map(|(index, profile)| {
            let file = [&profile.layer, &self.document.defaults];
            let all: Vec<&Layer> = over(index).iter().chain(&file).copied().collect();
            Candidate {
                name: &profile.name,
                line: profile.line,
                in_file: Settings::settle(&file, surroundings, &profile.subject()),
                in_use: Settings::settle(&all, surroundings, &profile.subject()),
            }
        })
        .collect()
    }

    fn build_profile(&self, candidate: &Candidate<'_>, index: usize, problems: &mut Vec<Problem>) -> Option<Platform> {
        let subject = self.document.profiles[index].subject();
        let platform = resolve::build(Some(candidate.name), &candidate.in_use, &subject, problems);
        platform.map(|platform| self.priced(platform))
    }

    /// The one platform of a file without profiles, or of no file.
    fn build_unnamed(
        &self,
        over: &[&Layer],
        surroundings: &Surroundings,
        problems: &mut Vec<Problem>,
    ) -> Option<Platform> {
        let subject = self.document.unnamed();
        let all: Vec<&Layer> = over.iter().copied().chain([&self.document.defaults]).collect();
        let settings = Settings::settle(&all, surroundings, &subject);
        let lacks_aws_profile = settings.get("aws_profile").value == Value::Absent;
        if self.document.form == Form::FlatJson && lacks_aws_profile {
            problems.push(missing_aws_profile(&subject));
        }
        let platform = resolve::build(None, &settings, &subject, problems);
        platform.map(|platform| self.priced(platform))
    }

    /// With the prices that hold for all profiles.
    fn priced(&self, mut platform: Platform) -> Platform {
        platform.money.prices = self.document.prices.clone();
        platform
    }
}

fn nothing_found(looked_in: &[PathBuf], surroundings: &Surroundings) -> Problem {
    let places: Vec<String> = looked_in
        .iter()
        .map(|folder| format!("`{}`", folder.display()))
        .collect();
    let message = format!("no configuration was found; looked in {}", places.join(", "));
    if surroundings.current_dir.join("jitsi.toml").exists() {
        let hint = "the `jitsi.toml` in the current folder is not looked at by itself: `--config jitsi.toml` names it";
        return Problem::new(message, Some(hint.to_owned()));
    }
    let hint = "`jitsi-config init` writes a starter `jitsi.toml`; `--config`, `--ops-dir` or `JITSI_OPS_DIR` name another \
                place; `JITSI_DOMAIN` alone does without a file";
    Problem::new(message, Some(hint.to_owned()))
}

fn missing_aws_profile(subject: &Subject) -> Problem {
    let hint = "set it there, with `--aws-profile` or with `JITSI_AWS_PROFILE`; a `jitsi.toml` may leave it out";
    Problem::key_that(
        subject.line,
        &subject.key("aws_profile"),
        "is missing",
        Some(hint.to_owned()),
    )
}

fn left_out(by_environment: &Layer) -> Option<Warning> {
    let variables: Vec<String> = by_environment
        .values()
        .map(|setting| format!("`{}`", setting.origin))
        .collect();
    (!variables.is_empty()).then(|| Warning {
        message: format!("there are several profiles, so {} is left out", variables.join(", ")),
        hint: Some("these variables speak of one platform; name its profile to use them".to_owned()),
    })
}
