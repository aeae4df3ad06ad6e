//! What a configuration file says, whatever its format: values with the line on which each stands.
//!
//! Only as much as a configuration needs; nothing here knows which keys there are.

/// One entry of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// The line of the key, from 1.
    pub(crate) line: usize,
    pub(crate) value: Node,
}

/// A value and its line, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) tree: Tree,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    Text(String),
    Flag(bool),
    /// As it was written.
    Number(String),
    /// As it was written.
    Date(String),
    /// JSON's `null`.
    Null,
    List(Vec<Node>),
    Table(Vec<Member>),
}

impl Tree {
    /// What it is, for messages: "the number 5", "a table".
    pub(crate) fn described(&self) -> String {
        match self {
            Self::Text(text) => format!("the text {}", crate::problem::quoted(text)),
            Self::Flag(flag) => format!("`{flag}`"),
            Self::Number(number) => format!("the number `{number}`"),
            Self::Date(date) => format!("the date `{date}`"),
            Self::Null => "`null`".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
        }
    }
}

/// Finds the line and the column, both from 1, of a place in a text. Columns count characters.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    pub(crate) fn column(&self, offset: usize) -> usize {
        let start = self.starts[self.line(offset) - 1];
        let offset = offset.min(self.text.len());
        self.text
            .get(start..offset)
            .map_or(1, |before| before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_columns_count_characters() {
        let lines = Lines::of("a\nbü = 1\n\nc");
        let places: Vec<_> = [0, 1, 2, 5, 10, 11, 99]
            .iter()
            .map(|&at| (lines.line(at), lines.column(at)))
            .collect();
        assert_eq!(places, [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1), (4, 1), (4, 2)]);
    }
}
