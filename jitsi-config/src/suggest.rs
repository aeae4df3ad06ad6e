//! "Did you mean ...": the nearest of the names that there are.

/// The one of `known` that was most likely meant by `wrong`, if any is near. Near means: the same but for case and hyphens,
/// the same last part of a dotted path, one's words all in the other, or few typing errors. Of two that are as near, the one
/// in the same table.
pub(crate) fn nearest<'k>(wrong: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let wrong = normal(wrong);
    let scored = known.into_iter().filter_map(|name| {
        Some((
            distance(&wrong, &normal(name))?,
            table(&wrong) != table(&normal(name)),
            name,
        ))
    });
    scored
        .min_by_key(|(distance, elsewhere, _)| (*distance, *elsewhere))
        .map(|(.., name)| name)
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

fn table(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(table, _)| table)
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn distance(wrong: &str, name: &str) -> Option<usize> {
    let (wrong_last, name_last) = (last_part(wrong), last_part(name));
    if wrong == name || wrong_last == name_last {
        return Some(0);
    }
    let typed = strsim::damerau_levenshtein(wrong, name).min(strsim::damerau_levenshtein(wrong_last, name_last));
    let few = (wrong_last.chars().count() / 3).max(1);
    if typed <= few {
        return Some(typed);
    }
    let words = |name: &str| name.split('_').map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(wrong_last), words(name_last));
    let within = a.iter().all(|word| b.contains(word)) || b.iter().all(|word| a.contains(word));
    within.then_some(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_by_typing_errors_words_and_last_part() {
        let known = [
            "domain",
            "aws_profile",
            "aws_region",
            "nlb.listeners",
            "nlb.health_check",
            "dns.hosted_zone_id",
        ];
        let nearest = |wrong| nearest(wrong, known);
        assert_eq!(nearest("domian"), Some("domain"));
        assert_eq!(nearest("AWS-Region"), Some("aws_region"));
        assert_eq!(nearest("region"), Some("aws_region"));
        assert_eq!(nearest("listeners"), Some("nlb.listeners"));
        assert_eq!(nearest("nlb.lisener"), Some("nlb.listeners"));
        assert_eq!(nearest("zone_id"), Some("dns.hosted_zone_id"));
        assert_eq!(nearest("colour"), None);
        assert_eq!(nearest(""), None);
    }

    #[test]
    fn of_two_names_that_are_as_near_the_one_in_the_same_table_is_meant() {
        let nearest = |wrong| nearest(wrong, ["aws_profile", "dns.aws_profile"]);
        assert_eq!(nearest("dns.aws_profil"), Some("dns.aws_profile"));
        assert_eq!(nearest("dns.profile"), Some("dns.aws_profile"));
        assert_eq!(nearest("aws_profil"), Some("aws_profile"));
        assert_eq!(nearest("nlb.aws_profile"), Some("aws_profile"));
    }
}
