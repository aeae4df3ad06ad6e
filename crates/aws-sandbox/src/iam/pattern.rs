//! Patterns of policies: `*` stands for any number of characters, `?` for one.

/// Whether a text matches a pattern as a whole, upper and lower case told apart.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the latest star stands, and up to where it has taken text.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((its_place, taken)) = star else { return false };
                star = Some((its_place, taken + 1));
                at = its_place + 1;
                place = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// The same for actions, whose case does not matter.
pub(super) fn matches_action(pattern: &str, action: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_stand_for_what_they_should() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "anything"),
            ("a*c", "ac"),
            ("a*c", "abcbc"),
            ("a?c", "abc"),
            ("*/x-*/y", "a/x-1/x-2/y"),
            ("arn:aws:s3:::b/ops-lock/*", "arn:aws:s3:::b/ops-lock/a/b.json"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("a", "A"),
            ("a*c", "abcb"),
            ("a?c", "ac"),
            ("", "a"),
            ("ops-lock/*", "ops-lock"),
            ("a", "ab"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
        assert!(
            matches_action("ECS:describe*", "ecs:DescribeTasks")
                && !matches_action("ecs:Describe", "ecs:DescribeTasks")
        );
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        assert!(!matches(&"*a".repeat(60), &"a".repeat(59)));
        assert!(!matches(&format!("{}b", "a*".repeat(40)), &"a".repeat(2_000)));
    }
}
