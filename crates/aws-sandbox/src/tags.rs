//! Tags of resources: at most fifty, with distinct keys.

use serde::{Deserialize, Serialize};

/// The tags of one resource, in the order in which they were set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tags(Vec<(String, String)>);

/// AWS allows this many tags on a resource.
const MOST: usize = 50;

/// What is wrong with a set of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TagFault {
    DuplicateKey(String),
    TooMany,
    Illegal(String),
}

impl Tags {
    /// Tags as they were given with a creation.
    ///
    /// # Errors
    /// When AWS would refuse them.
    pub(crate) fn new(given: Vec<(String, String)>) -> Result<Self, TagFault> {
        let mut tags = Self::default();
        tags.add(given)?;
        Ok(tags)
    }

    /// Sets tags; a key that is there already gets the new value.
    ///
    /// # Errors
    /// When AWS would refuse them; then nothing is changed.
    pub(crate) fn add(&mut self, given: Vec<(String, String)>) -> Result<(), TagFault> {
        let mut merged = self.0.clone();
        for (index, (key, value)) in given.iter().enumerate() {
            if given[..index].iter().any(|(earlier, _)| earlier == key) {
                return Err(TagFault::DuplicateKey(key.clone()));
            }
            let too_long = key.chars().count() > 128 || value.chars().count() > 256;
            if key.is_empty() || too_long || key.to_ascii_lowercase().starts_with("aws:") {
                return Err(TagFault::Illegal(key.clone()));
            }
            match merged.iter_mut().find(|(there, _)| there == key) {
                Some((_, old)) => old.clone_from(value),
                None => merged.push((key.clone(), value.clone())),
            }
        }
        if merged.len() > MOST {
            return Err(TagFault::TooMany);
        }
        self.0 = merged;
        Ok(())
    }

    /// Removes the tags with these keys, where they exist.
    pub(crate) fn remove(&mut self, keys: &[String]) {
        self.0.retain(|(key, _)| !keys.contains(key));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Two sets of tags are the same whatever their order.
impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().all(|tag| other.0.contains(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(keys: &[&str]) -> Vec<(String, String)> {
        keys.iter().map(|key| ((*key).to_owned(), "v".to_owned())).collect()
    }

    #[test]
    fn the_order_of_tags_does_not_matter() {
        assert_eq!(
            Tags::new(pairs(&["a", "b"])).unwrap(),
            Tags::new(pairs(&["b", "a"])).unwrap()
        );
        assert_ne!(
            Tags::new(pairs(&["a"])).unwrap(),
            Tags::new(pairs(&["a", "b"])).unwrap()
        );
    }

    #[test]
    fn refused_tags_change_nothing() {
        let mut tags = Tags::new(pairs(&["a"])).unwrap();
        assert_eq!(tags.add(pairs(&["b", "b"])), Err(TagFault::DuplicateKey("b".into())));
        assert_eq!(tags.add(pairs(&["aws:x"])), Err(TagFault::Illegal("aws:x".into())));
        let many: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(tags.add(pairs(&many)), Err(TagFault::TooMany));
        assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", "v")]);
    }
}
