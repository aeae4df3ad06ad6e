//! Checks of single values, as the table of keys names them: is this text, or this list of texts, one that the key allows?

use std::str::FromStr;

use crate::listener::{Listener, MAX_LISTENERS, Protocol};
use crate::metric::{Dimension, MAX_DIMENSIONS};
use crate::problem::{Malformed, Problem, quoted};

/// A mistake in a list, which may stand on a line of its own.
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Mistake {
    pub(crate) fn malformed(line: usize, found: &str, wrong: Malformed) -> Self {
        let message = format!("expected {}, found {}", wrong.expected, quoted(found));
        Self {
            line,
            message,
            hint: wrong.hint,
        }
    }

    pub(crate) fn of_key(self, key: &str) -> Problem {
        Problem::of_key(Some(self.line), key, self.message, self.hint)
    }
}

/// The text parses as a `T`; gives it in the form in which a `T` is written.
pub(crate) fn text<T: FromStr<Err = Malformed> + ToString>(text: &str) -> Result<String, Malformed> {
    text.parse::<T>().map(|value| value.to_string())
}

/// Every text parses as a `T`, and none comes twice.
pub(crate) fn distinct<T: FromStr<Err = Malformed>>(items: &[(usize, &str)]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, &(line, item)) in items.iter().enumerate() {
        if let Err(wrong) = item.parse::<T>() {
            mistakes.push(Mistake::malformed(line, item, wrong));
        } else if items[..index].iter().any(|(_, earlier)| *earlier == item) {
            let message = format!("`{item}` is listed twice");
            mistakes.push(Mistake {
                line,
                message,
                hint: None,
            });
        }
    }
    mistakes
}

/// Checks the dimensions of a metric, each with its line: their form, no name twice, at most [`MAX_DIMENSIONS`].
pub(crate) fn dimensions(items: &[(usize, &str)]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut seen: Vec<Dimension> = Vec::new();
    for &(line, text) in items {
        let dimension = match text.parse::<Dimension>() {
            Ok(dimension) => dimension,
            Err(wrong) => {
                mistakes.push(Mistake::malformed(line, text, wrong));
                continue;
            }
        };
        if seen.iter().any(|other| other.name == dimension.name) {
            mistakes.push(Mistake {
                line,
                message: format!("the dimension {} is listed twice", quoted(&dimension.name)),
                hint: None,
            });
        }
        seen.push(dimension);
    }
    mistakes.extend(too_many(items, MAX_DIMENSIONS, "dimensions; a CloudWatch metric"));
    mistakes
}

/// Checks a list of listeners, each with its line: their form, one listener per port, at most [`MAX_LISTENERS`].
pub(crate) fn listeners(items: &[(usize, &str)]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut seen: Vec<Listener> = Vec::new();
    for &(line, text) in items {
        let listener = match text.parse::<Listener>() {
            Ok(listener) => listener,
            Err(wrong) => {
                mistakes.push(Mistake::malformed(line, text, wrong));
                continue;
            }
        };
        if let Some(other) = seen.iter().find(|other| other.port == listener.port) {
            mistakes.push(same_port(line, *other, listener));
        }
        seen.push(listener);
    }
    mistakes.extend(too_many(items, MAX_LISTENERS, "listeners; a Network Load Balancer"));
    mistakes
}

/// More items than `whose` they are can have; told at the first that is too many.
fn too_many(items: &[(usize, &str)], most: usize, whose: &str) -> Option<Mistake> {
    let &(line, _) = items.get(most)?;
    Some(Mistake {
        line,
        message: format!("{} {whose} has at most {most}", items.len()),
        hint: None,
    })
}

fn same_port(line: usize, first: Listener, second: Listener) -> Mistake {
    if first == second {
        return Mistake {
            line,
            message: format!("`{second}` is listed twice"),
            hint: None,
        };
    }
    let message = format!("`{first}` and `{second}` share port {}", second.port);
    let mut protocols = [first.protocol, second.protocol];
    protocols.sort_unstable();
    let hint = match protocols {
        [Protocol::Udp, Protocol::Tcp] => {
            let both = Listener {
                protocol: Protocol::TcpUdp,
                ..first
            };
            format!("UDP and TCP share a port only in one listener: `{both}`")
        }
        _ => "a port belongs to one listener".to_owned(),
    };
    Mistake {
        line,
        message,
        hint: Some(hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_values::SubnetId;

    #[test]
    fn a_port_belongs_to_one_listener() {
        let mistakes = listeners(&[
            (1, "udp:10000"),
            (2, "tcp:10000"),
            (3, "udp:10000"),
            (4, "tls:443"),
            (5, "tcp:443"),
        ]);
        let told: Vec<_> = mistakes
            .iter()
            .map(|m| (m.line, m.message.as_str(), m.hint.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    2,
                    "`udp:10000` and `tcp:10000` share port 10000",
                    Some("UDP and TCP share a port only in one listener: `tcp_udp:10000`")
                ),
                (3, "`udp:10000` is listed twice", None),
                (
                    5,
                    "`tls:443` and `tcp:443` share port 443",
                    Some("a port belongs to one listener")
                ),
            ]
        );
    }

    #[test]
    fn more_than_fifty_listeners_are_refused_at_the_first_that_is_too_many() {
        let texts: Vec<String> = (1..=51).map(|port| format!("tcp:{port}")).collect();
        let lined: Vec<(usize, &str)> = texts
            .iter()
            .enumerate()
            .map(|(n, text)| (n + 10, text.as_str()))
            .collect();
        assert!(listeners(&lined[..50]).is_empty());
        let mistakes = listeners(&lined);
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].line, 60);
        assert_eq!(
            mistakes[0].message,
            "51 listeners; a Network Load Balancer has at most 50"
        );
    }

    #[test]
    fn dimensions_are_at_most_thirty_and_of_distinct_names() {
        let mistakes = dimensions(&[(1, "Stage=prod"), (2, "Stage"), (3, "Stage=test"), (4, "stage=prod")]);
        let told: Vec<_> = mistakes.iter().map(|m| (m.line, m.message.as_str())).collect();
        assert_eq!(told.len(), 2);
        assert!(
            told[0].0 == 2 && told[0].1.starts_with("expected a dimension such as"),
            "{told:?}"
        );
        assert_eq!(told[1], (3, "the dimension `Stage` is listed twice"));
        let texts: Vec<String> = (1..=31).map(|n| format!("D{n}=v")).collect();
        let lined: Vec<(usize, &str)> = texts
            .iter()
            .enumerate()
            .map(|(n, text)| (n + 10, text.as_str()))
            .collect();
        assert!(dimensions(&lined[..30]).is_empty());
        let mistakes = dimensions(&lined);
        assert_eq!(mistakes.len(), 1);
        assert_eq!(
            (mistakes[0].line, mistakes[0].message.as_str()),
            (40, "31 dimensions; a CloudWatch metric has at most 30")
        );
    }

    #[test]
    fn nothing_may_be_listed_twice() {
        let mistakes = distinct::<SubnetId>(&[(1, "subnet-0a1b2c3d"), (2, "subnet-x"), (3, "subnet-0a1b2c3d")]);
        let told: Vec<_> = mistakes.iter().map(|m| (m.line, m.message.as_str())).collect();
        assert_eq!(
            told,
            [
                (
                    2,
                    "expected a subnet id such as `subnet-0123456789abcdef0`, found `subnet-x`"
                ),
                (3, "`subnet-0a1b2c3d` is listed twice"),
            ]
        );
    }
}
