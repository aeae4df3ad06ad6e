//! A configuration file as layers: `[defaults]` and the profiles of a `jitsi.toml`, or the original's flat JSON.
//!
//! Each value is checked by itself here: unknown keys, types, forms. What takes two keys to judge is judged in
//! [`crate::platform`], what takes two profiles in [`crate::collisions`].

use std::path::Path;

use crate::cost::StatedPrices;
use crate::key::Otherwise;
use crate::keys::{KEYS, is_group, key};
use crate::origin::Origin;
use crate::problem::{Problem, Warning, quoted};
use crate::settings::{Layer, Setting, Subject, Value};
use crate::suggest::nearest;
use crate::tree::{Member, Tree};
use crate::{cost, file_value, json_tree, toml_tree};

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) form: Form,
    /// `[defaults]`; of a flat file everything.
    pub(crate) defaults: Layer,
    /// Where it begins.
    defaults_line: Option<usize>,
    /// In the order of the file.
    pub(crate) profiles: Vec<Profile>,
    /// `[prices]`, for all profiles.
    pub(crate) prices: StatedPrices,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// There is no file: everything comes from flags and environment.
    #[default]
    NoFile,
    Toml,
    /// The original's `config.json`: one unnamed profile.
    FlatJson,
}

#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) layer: Layer,
}

impl Profile {
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            table: format!("profiles.{}", self.name),
            line: Some(self.line),
        }
    }
}

impl Document {
    /// Reads a file's text; a name that ends in `.json` says that it is the original's flat form.
    ///
    /// # Errors
    /// Mistakes of syntax only; all others are in `problems`.
    pub(crate) fn parse(file: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if file
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        {
            let members = json_tree::read(text).map_err(|problem| vec![problem])?;
            Ok(Self::of_flat_json(file, members))
        } else {
            Ok(Self::of_toml(file, toml_tree::read(text)?))
        }
    }

    /// What lies under the profiles, for messages about a file without profiles.
    pub(crate) fn unnamed(&self) -> Subject {
        let table = if self.form == Form::Toml { "defaults" } else { "" };
        let line = (self.form != Form::NoFile).then(|| self.defaults_line.unwrap_or(1));
        Subject {
            table: table.to_owned(),
            line,
        }
    }

    fn of_toml(file: &Path, members: Vec<Member>) -> Self {
        let mut document = Self {
            form: Form::Toml,
            ..Self::default()
        };
        for member in members {
            match (member.key.as_str(), member.value.tree) {
                ("defaults", Tree::Table(members)) => {
                    document.defaults_line = Some(member.line);
                    let origin = |line| Origin::Defaults {
                        file: file.to_owned(),
                        line,
                    };
                    document.defaults = document.section("defaults", members, &origin);
                }
                ("profiles", Tree::Table(members)) => document.read_profiles(file, members),
                ("prices", Tree::Table(members)) => document.prices = cost::read(members, &mut document.problems),
                (known @ ("defaults" | "profiles" | "prices"), other) => {
                    let what = format!("expected a table, found {}", other.described());
                    document
                        .problems
                        .push(Problem::of_key(Some(member.line), known, what, None));
                }
                (unknown, _) => {
                    let hint = match nearest(unknown, ["defaults", "profiles", "prices"]) {
                        Some(near) => Some(format!("did you mean `{near}`?")),
                        None if key(unknown).is_some() || is_group(unknown) => {
                            Some("it belongs into `[defaults]` or into a `[profiles.NAME]`".to_owned())
                        }
                        None => Some("the top level holds `[defaults]`, `[profiles.NAME]` and `[prices]`".to_owned()),
                    };
                    document.problems.push(Problem::key_that(
                        Some(member.line),
                        unknown,
                        "is not a known key",
                        hint,
                    ));
                }
            }
        }
        document.refuse_domain_for_all();
        document
    }

    fn read_profiles(&mut self, file: &Path, members: Vec<Member>) {
        for Member { key: name, line, value } in members {
            let table = format!("profiles.{name}");
            if !is_profile_name(&name) {
                let what = "expected a profile name of letters, digits, `-`, `_` and `.`";
                self.problems.push(Problem::of_key(Some(line), &table, what, None));
            }
            let Tree::Table(members) = value.tree else {
                let what = format!("expected a table, found {}", value.tree.described());
                let hint = key(&name).map(|_| format!("`{name}` belongs into a `[profiles.NAME]`"));
                self.problems.push(Problem::of_key(Some(line), &table, what, hint));
                continue;
            };
            let layer = self.section(&table, members, &|line| Origin::Profile {
                file: file.to_owned(),
                line,
            });
            self.profiles.push(Profile { name, line, layer });
        }
    }

    /// One domain for several profiles is hardly ever meant; in a file without profiles `[defaults]` is the platform.
    fn refuse_domain_for_all(&mut self) {
        if self.profiles.is_empty() {
            return;
        }
        if let Some(setting) = self.defaults.get("domain") {
            let hint = "in a file with profiles each of them names its own domain".to_owned();
            self.problems.push(Problem::key_that(
                setting.origin.line(),
                "defaults.domain",
                "belongs into the profiles",
                Some(hint),
            ));
        }
    }

    /// The original ignored what it did not know, so unknown keys of its file are warnings: a file that worked keeps working.
    fn of_flat_json(file: &Path, members: Vec<Member>) -> Self {
        let mut document = Self {
            form: Form::FlatJson,
            ..Self::default()
        };
        for member in members {
            let comment = member.key.starts_with(['_', '$']);
            if comment || member.value.tree == Tree::Null {
                continue;
            }
            if let Some(key) = key(&member.key).filter(|key| key.in_flat_json) {
                let origin = Origin::Profile {
                    file: file.to_owned(),
                    line: member.line,
                };
                let value = file_value::read(key, key.path, &member.value, &mut document.problems);
                document.defaults.insert(key.path, Setting { value, origin });
                continue;
            }
            let flat = KEYS.iter().filter(|key| key.in_flat_json).map(|key| key.path);
            let hint = if key(&member.key).is_some() || is_group(&member.key) {
                Some("only a `jitsi.toml` can set it; `jitsi-config init` writes one".to_owned())
            } else {
                nearest(&member.key, flat).map(|near| format!("did you mean `{near}`?"))
            };
            let message = format!(
                "{}:{}: {} is not a known key and is ignored",
                file.display(),
                member.line,
                quoted(&member.key)
            );
            document.warnings.push(Warning { message, hint });
        }
        document.warn_of_names_that_follow(file);
        document
    }

    /// The original kept its names when the project was renamed; here they follow, which an old file may not expect.
    fn warn_of_names_that_follow(&mut self, file: &Path) {
        let mut changed = Vec::new();
        for key in KEYS.iter().filter(|key| !self.defaults.contains_key(key.path)) {
            let Otherwise::Derived { from, make } = key.otherwise else {
                continue;
            };
            let original = crate::keys::key(from).map(|from| from.otherwise);
            let given = self.defaults.get(from).map(|setting| &setting.value);
            if let (Some(Otherwise::Text(original)), Some(Value::Text(given))) = (original, given)
                && original != given
            {
                changed.push(format!("`{}` is `{}`, not `{}`", key.path, make(given), make(original)));
            }
        }
        if !changed.is_empty() {
            self.warnings.push(Warning {
                message: format!(
                    "{}: names follow from `project_name`: {}",
                    file.display(),
                    changed.join("; ")
                ),
                hint: Some("the original kept its own names; set them in the file if they are still meant".to_owned()),
            });
        }
    }

    fn section(&mut self, table: &str, members: Vec<Member>, origin: &dyn Fn(usize) -> Origin) -> Layer {
        let mut layer = Layer::new();
        self.read_section(table, "", members, origin, &mut layer);
        layer
    }

    fn read_section(
        &mut self,
        table: &str,
        prefix: &str,
        members: Vec<Member>,
        origin: &dyn Fn(usize) -> Origin,
        layer: &mut Layer,
    ) {
        for member in members {
            let path = format!("{prefix}{}", member.key);
            let full = format!("{table}.{path}");
            if let Some(key) = key(&path).filter(|_| !member.key.contains('.')) {
                let value = file_value::read(key, &full, &member.value, &mut self.problems);
                layer.insert(
                    key.path,
                    Setting {
                        value,
                        origin: origin(member.line),
                    },
                );
            } else if is_group(&path) {
                if let Tree::Table(members) = member.value.tree {
                    self.read_section(table, &format!("{path}."), members, origin, layer);
                } else {
                    let what = format!("expected a table, found {}", member.value.tree.described());
                    self.problems
                        .push(Problem::of_key(Some(member.line), &full, what, None));
                }
            } else {
                let is_table = matches!(member.value.tree, Tree::Table(_));
                let hint = Some(unknown_key_hint(&path, prefix, is_table));
                self.problems
                    .push(Problem::key_that(Some(member.line), &full, "is not a known key", hint));
            }
        }
    }
}

fn unknown_key_hint(path: &str, prefix: &str, is_table: bool) -> String {
    let groups = KEYS
        .iter()
        .filter_map(|key| key.path.split_once('.'))
        .map(|(group, _)| group);
    let near = if is_table {
        nearest(path, groups)
    } else {
        nearest(path, KEYS.iter().map(|key| key.path))
    };
    if let Some(near) = near {
        return format!("did you mean `{near}`?");
    }
    let here: Vec<String> = KEYS
        .iter()
        .filter_map(|key| key.path.strip_prefix(prefix))
        .map(|rest| format!("`{rest}`"))
        .collect();
    format!("known here are {}", here.join(", "))
}

fn is_profile_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}
