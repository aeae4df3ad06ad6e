//! One value of the file: has it the type and the form that its key allows?

use crate::checks::Mistake;
use crate::key::{Key, Shape};
use crate::problem::Problem;
use crate::settings::{Item, Value};
use crate::tree::{Node, Tree};

/// Checks the value of `key`, which messages call `name`; what is wrong is reported and becomes [`Value::Bad`].
pub(crate) fn read(key: &Key, name: &str, node: &Node, problems: &mut Vec<Problem>) -> Value {
    match checked(key, name, node) {
        Ok(value) => value,
        Err(wrong) => {
            problems.extend(wrong);
            Value::Bad
        }
    }
}

fn checked(key: &Key, name: &str, node: &Node) -> Result<Value, Vec<Problem>> {
    match (key.shape, &node.tree) {
        (_, Tree::Text(text)) if text.is_empty() => Err(vec![empty(name, node.line)]),
        (Shape::Text(check), Tree::Text(text)) => match check(text) {
            Ok(text) => Ok(Value::Text(text)),
            Err(wrong) => Err(vec![Problem::malformed(Some(node.line), name, text, wrong)]),
        },
        (Shape::Flag, Tree::Flag(flag)) => Ok(Value::Flag(*flag)),
        (Shape::List(_), Tree::List(items)) if items.is_empty() => Err(vec![empty(name, node.line)]),
        (Shape::List(check), Tree::List(items)) => list(check, name, items),
        (shape, other) => Err(vec![wrong_type(shape, key, name, node.line, other)]),
    }
}

fn list(check: fn(&[(usize, &str)]) -> Vec<Mistake>, name: &str, items: &[Node]) -> Result<Value, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut texts = Vec::new();
    for Node { line, tree } in items {
        match tree {
            Tree::Text(text) => texts.push((*line, text.as_str())),
            other => {
                let what = format!("expected a list of texts in quotes, found {} in it", other.described());
                problems.push(Problem::of_key(Some(*line), name, what, None));
            }
        }
    }
    problems.extend(check(&texts).into_iter().map(|mistake| mistake.of_key(name)));
    if !problems.is_empty() {
        return Err(problems);
    }
    let item = |(line, text): &(usize, &str)| Item {
        line: Some(*line),
        text: (*text).to_owned(),
    };
    Ok(Value::List(texts.iter().map(item).collect()))
}

fn empty(name: &str, line: usize) -> Problem {
    let required = name.rsplit('.').next() == Some("domain");
    let hint = if required {
        "name the domain that people visit, such as `meet.example.org`"
    } else {
        "leave the key out where there is nothing to say"
    };
    Problem::key_that(Some(line), name, "is empty", Some(hint.to_owned()))
}

fn wrong_type(shape: Shape, key: &Key, name: &str, line: usize, found: &Tree) -> Problem {
    let last = key.path.rsplit('.').next().unwrap_or(key.path);
    let wanted = match shape {
        Shape::Text(_) => "a text in quotes",
        Shape::Flag => "`true` or `false`",
        Shape::List(_) => "a list of texts in quotes",
    };
    let hint = match (shape, found) {
        (Shape::Text(_), Tree::Number(number)) => Some(format!("write `\"{number}\"`")),
        (Shape::Flag, Tree::Text(text)) if text == "true" || text == "false" => {
            Some(format!("write `{text}` without quotes"))
        }
        (Shape::List(_), Tree::Text(text)) => Some(format!("write `{last} = [{text:?}]`")),
        _ => None,
    };
    Problem::of_key(
        Some(line),
        name,
        format_args!("expected {wanted}, found {}", found.described()),
        hint,
    )
}
