//! The configuration for other programs: shell assignments and Terraform variables.

use crate::keys::KEYS;
use crate::platform::Platform;

/// The original's eight `JITSI_*` variables with their values in use. One without a value (no `aws_profile`) is empty, which
/// counts as unset, so that evaluating the assignments also clears what an earlier evaluation has left.
#[must_use]
pub fn environment_assignments(platform: &Platform) -> Vec<(String, String)> {
    assignments(platform, |variable, _| variable.to_owned())
}

/// The same values as Terraform reads them: `TF_VAR_domain`, `TF_VAR_aws_region`, ...
#[must_use]
pub fn terraform_assignments(platform: &Platform) -> Vec<(String, String)> {
    assignments(platform, |_, path| format!("TF_VAR_{path}"))
}

fn assignments(platform: &Platform, name: impl Fn(&str, &str) -> String) -> Vec<(String, String)> {
    let value = |path| {
        platform
            .origins
            .get(path)
            .and_then(|shown| shown.value.clone())
            .unwrap_or_default()
    };
    KEYS.iter()
        .filter_map(|key| Some((name(key.variable?, key.path), value(key.path))))
        .collect()
}

/// A text as one word of a POSIX shell, whatever it holds: plain where that is safe, else in single quotes.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:@%+,".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn what_a_shell_would_not_touch_stays_as_it_is() {
        assert_eq!(shell_quote("meet.example.org"), "meet.example.org");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("~/x"), "'~/x'");
        assert_eq!(shell_quote("it's $HOME"), r"'it'\''s $HOME'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_shell_reads_back_exactly_what_was_quoted(text in "[^\0]{0,30}|[-'\"$`!*?~#;&|<>(){}=\\\\ \n\t]{0,12}") {
            let script = format!("printf '%s' {}", shell_quote(&text));
            let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
            prop_assert_eq!(output.stdout, text.into_bytes());
        }
    }
}
