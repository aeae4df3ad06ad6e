//! Reads the flat JSON of the original scripts into a [`Tree`] with lines.
//!
//! The JSON parser gives values no lines, so a scan beside it finds the line of each key of the outermost object; what is
//! inside a value counts as being on its key's line.

use serde_json::Value;

use crate::problem::Problem;
use crate::tree::{Lines, Member, Node, Tree};

/// The members of the outermost object, in the order of the file. Of a key that comes twice the last one counts, as it did
/// for the original.
///
/// # Errors
/// The first mistake of syntax, with line and column; something else than an object.
pub(crate) fn read(text: &str) -> Result<Vec<Member>, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        let what = told.split(" at line ").next().unwrap_or_default();
        let message = format!("not valid JSON at column {}: {what}", error.column());
        Problem {
            line: Some(error.line()),
            ..Problem::new(message, None)
        }
    })?;
    let Value::Object(object) = value else {
        let message = "expected a JSON object with the keys of the configuration";
        return Err(Problem {
            line: Some(1),
            ..Problem::new(message, None)
        });
    };
    let mut members: Vec<Member> = Vec::new();
    for (key, line) in outer_keys(text) {
        let Some(value) = object.get(&key) else {
            continue;
        };
        members.retain(|earlier| earlier.key != key);
        let value = Node {
            line,
            tree: tree(value, line),
        };
        members.push(Member { key, line, value });
    }
    Ok(members)
}

fn tree(value: &Value, line: usize) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(flag) => Tree::Flag(*flag),
        Value::Number(number) => Tree::Number(number.to_string()),
        Value::String(text) => Tree::Text(text.clone()),
        Value::Array(items) => Tree::List(
            items
                .iter()
                .map(|item| Node {
                    line,
                    tree: tree(item, line),
                })
                .collect(),
        ),
        Value::Object(object) => Tree::Table(
            object
                .iter()
                .map(|(key, value)| Member {
                    key: key.clone(),
                    line,
                    value: Node {
                        line,
                        tree: tree(value, line),
                    },
                })
                .collect(),
        ),
    }
}

/// The keys of the outermost object of a text that is known to be valid JSON, each with its line.
fn outer_keys(text: &str) -> Vec<(String, usize)> {
    let lines = Lines::of(text);
    let bytes = text.as_bytes();
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(bytes, at);
                let is_key = bytes[end..].iter().find(|b| !b.is_ascii_whitespace()) == Some(&b':');
                if depth == 1
                    && is_key
                    && let Ok(key) = serde_json::from_str::<String>(&text[at..end])
                {
                    keys.push((key, lines.line(at)));
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// Where the string that begins at `start` has ended.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_on_its_line_also_where_the_same_text_is_a_value_or_lies_deeper() {
        let text = "{\n  \"note\": \"domain\",\n  \"inner\": {\"domain\": 1},\n  \"d\\u006fmain\" :\n \"meet.example.org\", \"more\":\n[{\"domain\": 2}],\n  \"say \\\"domain\\\"\": \"x\"}";
        let members = read(text).unwrap();
        let seen: Vec<_> = members.iter().map(|m| (m.line, m.key.as_str())).collect();
        assert_eq!(
            seen,
            [
                (2, "note"),
                (3, "inner"),
                (4, "domain"),
                (5, "more"),
                (7, "say \"domain\"")
            ]
        );
        assert_eq!(members[2].value.tree, Tree::Text("meet.example.org".to_owned()));
    }

    #[test]
    fn of_a_key_that_comes_twice_the_last_counts() {
        let members = read("{\"domain\": \"a.example.org\",\n\"domain\": \"b.example.org\"}").unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!(
            (members[0].line, &members[0].value.tree),
            (2, &Tree::Text("b.example.org".to_owned()))
        );
    }

    #[test]
    fn a_mistake_of_syntax_is_told_with_line_and_column() {
        let problem = read("{\n  \"domain\": \"meet.example.org\",\n}").unwrap_err();
        assert_eq!(
            (problem.line, problem.message.as_str()),
            (Some(3), "not valid JSON at column 1: trailing comma")
        );
        let problem = read("[\"domain\"]").unwrap_err();
        assert_eq!(
            problem.message,
            "expected a JSON object with the keys of the configuration"
        );
        assert!(read("").unwrap_err().message.contains("EOF"));
    }
}
