//! Derived names that are too long for AWS, made legal in a stable way.
//!
//! Load balancers and target groups have names of at most 32 characters. Cutting blindly would give two long projects the
//! same name, so a shortened name carries a piece of the hash of the full one: the same project always gets the same name,
//! and two projects get two.

use sha2::{Digest, Sha256};

/// The longest name of a load balancer and of a target group (ELBv2 API reference).
const LONGEST: usize = 32;

/// What a derived load balancer name ends with.
pub(crate) const LOAD_BALANCER_SUFFIX: &str = "-jvb-nlb";

/// Letters, digits and hyphens, no hyphen at either end, 1 to 32 characters.
pub(crate) fn is_legal_target_group_name(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// As for target groups, and not beginning with `internal-`, which AWS keeps for itself.
pub(crate) fn is_legal_load_balancer_name(name: &str) -> bool {
    is_legal_target_group_name(name) && without_reserved_prefix(name).is_none()
}

/// `<project>-jvb-nlb`, or its shortened form.
pub(crate) fn load_balancer_name(project: &str) -> String {
    let full = format!("{project}{LOAD_BALANCER_SUFFIX}");
    if is_legal_load_balancer_name(&full) {
        full
    } else {
        shortened(&full, LOAD_BALANCER_SUFFIX)
    }
}

/// `<project><suffix>`, or its shortened form.
pub(crate) fn target_group_name(project: &str, suffix: &str) -> String {
    let full = format!("{project}{suffix}");
    if is_legal_target_group_name(&full) {
        full
    } else {
        shortened(&full, suffix)
    }
}

/// A legal name for what `full` was meant to name: a prefix of it, `-`, six hexadecimal digits of its SHA-256 and, where it
/// ends so, `suffix` (which is legal itself and short). Stable: it must never change for a name that is in use.
pub(crate) fn shortened(full: &str, suffix: &str) -> String {
    let (stem, suffix) = full.strip_suffix(suffix).map_or((full, ""), |stem| (stem, suffix));
    let digest = Sha256::digest(full.as_bytes());
    let hash = format!("{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2]);

    let mut prefix = String::new();
    for c in stem.chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '-' };
        if prefix.len() + 1 + hash.len() + suffix.len() == LONGEST {
            break;
        }
        if c != '-' || !(prefix.is_empty() || prefix.ends_with('-')) {
            prefix.push(c);
        }
    }
    let prefix = prefix.trim_end_matches('-');
    let mut name = if prefix.is_empty() {
        format!("{hash}{suffix}")
    } else {
        format!("{prefix}-{hash}{suffix}")
    };
    while let Some(rest) = without_reserved_prefix(&name) {
        name = rest.to_owned();
    }
    name
}

fn without_reserved_prefix(name: &str) -> Option<&str> {
    const RESERVED: &str = "internal-";
    let prefix = name.get(..RESERVED.len())?;
    if prefix.eq_ignore_ascii_case(RESERVED) {
        name.get(RESERVED.len()..)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;
    use std::collections::HashMap;

    #[test]
    fn a_name_that_fits_stays_as_it_is() {
        assert_eq!(
            load_balancer_name("jitsi-video-platform"),
            "jitsi-video-platform-jvb-nlb"
        );
        assert_eq!(
            load_balancer_name(&"p".repeat(24)),
            format!("{}-jvb-nlb", "p".repeat(24))
        );
        assert_eq!(
            target_group_name("jitsi-video-platform", "-jvb-udp-tg"),
            "jitsi-video-platform-jvb-udp-tg"
        );
    }

    #[test]
    fn a_shortened_name_never_changes() {
        let project = "video-meetings-of-the-allotment-society";
        assert_eq!(load_balancer_name(project), "video-meetings-of-d16b33-jvb-nlb");
        assert_eq!(
            target_group_name(project, "-jvb-udp-tg"),
            "video-meetings-3918b7-jvb-udp-tg"
        );
        assert_eq!(
            target_group_name(project, "-tcpudp-10000-tg"),
            "video-mee-110626-tcpudp-10000-tg"
        );
        assert_eq!(load_balancer_name("internal-video"), "video-300995-jvb-nlb");
        assert_eq!(load_balancer_name("internal"), "4676d7-jvb-nlb");
        // Target groups may begin with `internal-`.
        assert_eq!(target_group_name("internal", "-jvb-udp-tg"), "internal-jvb-udp-tg");
    }

    #[test]
    fn two_long_projects_that_begin_alike_get_two_names() {
        let base = "video-meetings-of-the-allotment-society-";
        let mut seen = HashMap::new();
        for n in 0..1000 {
            let project = format!("{base}{n}");
            if let Some(other) = seen.insert(load_balancer_name(&project), project.clone()) {
                panic!("{project} and {other} have the same name");
            }
        }
    }

    proptest! {
        // Six hexadecimal digits can collide by chance, so the cases are the same in every run.
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

        #[test]
        fn derived_names_are_always_legal_and_stable(
            project in "(internal-)?[a-zA-Z0-9]([a-zA-Z0-9-]{0,60}[a-zA-Z0-9])?",
            suffix in "-jvb-(udp|tcp)-tg|-(udp|tcp|tcpudp|tls)-[1-9][0-9]{0,4}-tg",
        ) {
            let balancer = load_balancer_name(&project);
            prop_assert!(is_legal_load_balancer_name(&balancer), "{}", balancer);
            prop_assert_eq!(&balancer, &load_balancer_name(&project));
            let group = target_group_name(&project, &suffix);
            prop_assert!(is_legal_target_group_name(&group), "{}", group);
            prop_assert!(group.ends_with(&suffix), "{}", group);
        }

        #[test]
        fn anything_at_all_has_a_legal_short_form(full in ".{0,80}") {
            let name = shortened(&full, LOAD_BALANCER_SUFFIX);
            prop_assert!(is_legal_load_balancer_name(&name), "{}", name);
        }

        #[test]
        fn distinct_projects_have_distinct_names(
            base in "[a-z][a-z-]{0,40}", one in "[a-z0-9]{1,20}", other in "[a-z0-9]{1,20}",
        ) {
            prop_assume!(one != other);
            let (one, other) = (format!("{base}{one}"), format!("{base}{other}"));
            prop_assert_ne!(load_balancer_name(&one), load_balancer_name(&other));
            prop_assert_ne!(target_group_name(&one, "-jvb-udp-tg"), target_group_name(&other, "-jvb-udp-tg"));
        }
    }
}
