//! Reads TOML into a [`Tree`] with lines.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::Problem;
use crate::tree::{Lines, Member, Node, Tree};

/// Mistakes of syntax that are told one by one. What has more is hardly TOML at all.
const MOST_TOLD: usize = 20;

/// The top-level table, in the order of the file.
///
/// # Errors
/// The mistakes of syntax that the parser can tell apart, keys that come twice included.
pub(crate) fn read(text: &str) -> Result<Vec<Member>, Vec<Problem>> {
    let lines = Lines::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(members(table.get_ref(), &lines));
    }
    let problem = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = format!("not valid TOML at column {}: {}", lines.column(at), error.message());
        Problem {
            line: Some(lines.line(at)),
            ..Problem::new(message, None)
        }
    };
    let mut problems: Vec<Problem> = errors.iter().take(MOST_TOLD).map(problem).collect();
    if errors.len() > MOST_TOLD {
        let message = format!(
            "and {} more mistakes of syntax; is this a TOML file?",
            errors.len() - MOST_TOLD
        );
        problems.push(Problem::new(message, None));
    }
    Err(problems)
}

fn members(table: &DeTable<'_>, lines: &Lines<'_>) -> Vec<Member> {
    let mut members: Vec<(usize, Member)> = table
        .iter()
        .map(|(key, value)| {
            let at = key.span().start;
            let member = Member {
                key: key.get_ref().to_string(),
                line: lines.line(at),
                value: node(value, lines),
            };
            (at, member)
        })
        .collect();
    members.sort_by_key(|(at, _)| *at);
    members.into_iter().map(|(_, member)| member).collect()
}

fn node(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let tree = match value.get_ref() {
        DeValue::String(text) => Tree::Text(text.to_string()),
        DeValue::Boolean(flag) => Tree::Flag(*flag),
        DeValue::Integer(number) => Tree::Number(number.to_string()),
        DeValue::Float(number) => Tree::Number(number.to_string()),
        DeValue::Datetime(date) => Tree::Date(date.to_string()),
        DeValue::Array(items) => Tree::List(items.iter().map(|item| node(item, lines)).collect()),
        DeValue::Table(table) => Tree::Table(members(table, lines)),
    };
    Node {
        line: lines.line(value.span().start),
        tree,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(members: &[Member], prefix: &str, into: &mut Vec<(usize, String)>) {
        for member in members {
            let path = format!("{prefix}{}", member.key);
            into.push((member.line, path.clone()));
            if let Tree::Table(inner) = &member.value.tree {
                lines_of(inner, &format!("{path}."), into);
            }
        }
    }

    #[test]
    fn every_key_knows_its_line_however_its_table_is_written() {
        let text = "# comment\n[defaults]\nnlb.advertise = \"off\"\n\n[profiles.b.nlb]\nlisteners = [\n  \"udp:1\",\n  \"udp:2\",\n]\n\
                    [profiles.a]\ndns = { hosted_zone_id = \"Z1\" }\n";
        let members = read(text).unwrap();
        let mut seen = Vec::new();
        lines_of(&members, "", &mut seen);
        let seen: Vec<_> = seen.iter().map(|(line, path)| (*line, path.as_str())).collect();
        assert_eq!(
            seen,
            [
                (2, "defaults"),
                (3, "defaults.nlb"),
                (3, "defaults.nlb.advertise"),
                (5, "profiles"),
                (5, "profiles.b"),
                (5, "profiles.b.nlb"),
                (6, "profiles.b.nlb.listeners"),
                (10, "profiles.a"),
                (11, "profiles.a.dns"),
                (11, "profiles.a.dns.hosted_zone_id"),
            ]
        );
        let Tree::Table(profiles) = &members[1].value.tree else {
            panic!("a table")
        };
        let Tree::Table(b) = &profiles[0].value.tree else {
            panic!("a table")
        };
        let Tree::Table(nlb) = &b[0].value.tree else {
            panic!("a table")
        };
        let Tree::List(listeners) = &nlb[0].value.tree else {
            panic!("a list")
        };
        assert_eq!(listeners.iter().map(|item| item.line).collect::<Vec<_>>(), [7, 8]);
    }

    #[test]
    fn what_is_hardly_toml_does_not_flood_the_screen() {
        let problems = read(&"?!\n".repeat(500)).unwrap_err();
        assert_eq!(problems.len(), 21);
        assert!(
            problems[20]
                .message
                .ends_with("more mistakes of syntax; is this a TOML file?")
        );
    }

    #[test]
    fn all_mistakes_of_syntax_are_told_with_line_and_column() {
        let problems = read("[defaults]\na = \nb = \"open\nc = 1\nc = 2\n").unwrap_err();
        let told: Vec<_> = problems.iter().map(|p| (p.line, p.message.as_str())).collect();
        assert_eq!(
            told,
            [
                (
                    Some(2),
                    "not valid TOML at column 5: string values must be quoted, expected literal string"
                ),
                (
                    Some(3),
                    "not valid TOML at column 10: invalid basic string, expected `\"`"
                ),
                (Some(5), "not valid TOML at column 1: duplicate key"),
            ]
        );
    }
}
