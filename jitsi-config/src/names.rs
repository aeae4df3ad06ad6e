//! The names of a platform's resources: which are legal where.

use crate::problem::Malformed;
use crate::shorten::{LOAD_BALANCER_SUFFIX, is_legal_load_balancer_name, shortened};
use crate::text_type::text_type;

text_type! {
    /// The project, from which the other names follow: 1 to 100 letters, digits and hyphens, none of these at either end.
    /// Letters and digits because load balancers allow nothing else; 100 so that every derived name stays within its limit.
    ProjectName, project
}
text_type! {
    /// The value of the tag `Environment`: 1 to 256 characters that AWS allows in a tag.
    EnvironmentName, environment
}
text_type! {
    /// An ECS cluster: 1 to 255 letters, digits, hyphens and underscores.
    ClusterName, cluster
}
text_type! {
    /// An ECS service: 1 to 255 letters, digits, hyphens and underscores.
    ServiceName, service
}
text_type! {
    /// A container of an ECS task definition: 1 to 255 letters, digits, hyphens and underscores.
    ContainerName, container
}
text_type! {
    /// A load balancer: 1 to 32 letters, digits and hyphens, no hyphen at either end, not beginning with `internal-`.
    LoadBalancerName, load_balancer
}

fn project(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "a project name of 1 to 100 letters, digits and hyphens, none at either end";
    let legal = (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    if legal {
        Ok(text.to_owned())
    } else {
        Err(Malformed::new(EXPECTED))
    }
}

fn environment(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "an environment such as `prod`: letters, digits, spaces and any of `_.:/=+-@`";
    let legal = (1..=256).contains(&text.chars().count())
        && text.trim() == text
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c));
    if legal {
        Ok(text.to_owned())
    } else {
        Err(Malformed::new(EXPECTED))
    }
}

fn cluster(text: &str) -> Result<String, Malformed> {
    ecs_name(
        text,
        "a cluster name of 1 to 255 letters, digits, hyphens and underscores",
    )
}

fn service(text: &str) -> Result<String, Malformed> {
    ecs_name(
        text,
        "a service name of 1 to 255 letters, digits, hyphens and underscores",
    )
}

/// No hint for an ARN: that of a container ends in an id, not in its name.
fn container(text: &str) -> Result<String, Malformed> {
    if is_ecs_name(text) {
        return Ok(text.to_owned());
    }
    Err(Malformed::new(
        "the name of a container in the task definition: 1 to 255 letters, digits, hyphens and underscores",
    ))
}

fn ecs_name(text: &str, expected: &'static str) -> Result<String, Malformed> {
    if is_ecs_name(text) {
        return Ok(text.to_owned());
    }
    let resource = text.strip_prefix("arn:").and_then(|arn| arn.rsplit('/').next());
    let hint = resource
        .filter(|name| !name.is_empty())
        .map(|name| format!("the name alone: `{name}`"));
    Err(Malformed::hinting(expected, hint))
}

fn is_ecs_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn load_balancer(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "a load balancer name of 1 to 32 letters, digits and hyphens, no hyphen at either end, \
                            not beginning with `internal-`";
    if is_legal_load_balancer_name(text) {
        return Ok(text.to_owned());
    }
    let hint = (!text.is_empty()).then(|| format!("`{}` would do", shortened(text, LOAD_BALANCER_SUFFIX)));
    Err(Malformed::hinting(EXPECTED, hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_name_is_legal_in_every_name_that_follows_from_it() {
        let longest = "p".repeat(100);
        for good in ["jitsi-video-platform", "a", "4meet", &longest] {
            assert!(good.parse::<ProjectName>().is_ok(), "{good}");
            assert!(format!("{good}-service").parse::<ServiceName>().is_ok(), "{good}");
        }
        let too_long = "p".repeat(101);
        for bad in ["", "-a", "a-", "a_b", "a b", "ä", &too_long] {
            assert!(bad.parse::<ProjectName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn cluster_and_service_are_names_and_no_arns() {
        assert!("meet_1-cluster".parse::<ClusterName>().is_ok());
        assert!("".parse::<ClusterName>().is_err());
        assert!("s".repeat(256).parse::<ServiceName>().is_err());
        let wrong = "arn:aws:ecs:us-west-2:123456789012:cluster/meet"
            .parse::<ClusterName>()
            .unwrap_err();
        assert_eq!(wrong.hint.as_deref(), Some("the name alone: `meet`"));
    }

    #[test]
    fn a_container_is_named_as_in_the_task_definition() {
        let longest = "c".repeat(255);
        for good in ["meeting-sentinel", "Sentinel_2", &longest] {
            assert!(good.parse::<ContainerName>().is_ok(), "{good}");
        }
        let too_long = "c".repeat(256);
        let arn = "arn:aws:ecs:us-west-2:123456789012:container/meet/0123456789abcdef/01234567";
        for bad in [
            "",
            "a b",
            "a.b",
            "example.org/meeting-sentinel:1",
            "wächter",
            arn,
            &too_long,
        ] {
            let wrong = bad.parse::<ContainerName>().expect_err(bad);
            assert_eq!(wrong.hint, None, "{bad}");
        }
    }

    #[test]
    fn an_environment_is_a_legal_tag_value() {
        for good in ["prod", "Test 2", "eu/west:1"] {
            assert!(good.parse::<EnvironmentName>().is_ok(), "{good}");
        }
        for bad in ["", " prod", "prod\n", "a;b", "a*"] {
            assert!(bad.parse::<EnvironmentName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_explicit_load_balancer_name_that_is_illegal_is_refused_with_a_legal_one() {
        assert!("jitsi-video-platform-jvb-nlb".parse::<LoadBalancerName>().is_ok());
        let too_long = "the-video-platform-of-our-club-jvb-nlb";
        for bad in [
            too_long,
            "my_nlb",
            "-nlb",
            "nlb-",
            "internal-nlb",
            "Internal-nlb",
            "internal_",
        ] {
            let hint = bad.parse::<LoadBalancerName>().unwrap_err().hint.expect(bad);
            let offered = hint.trim_start_matches('`').split('`').next().expect(bad);
            assert!(offered.parse::<LoadBalancerName>().is_ok(), "{bad}: {offered}");
        }
        let wrong = too_long.parse::<LoadBalancerName>().unwrap_err();
        assert_eq!(
            wrong.hint.as_deref(),
            Some("`the-video-platfor-d9144c-jvb-nlb` would do")
        );
    }
}
