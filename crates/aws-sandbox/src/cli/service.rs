//! Which service a command means.

/// Why it is not clear which one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotOne {
    #[error("there is no service in the sandbox")]
    NoService,
    #[error("there is no service `{0}` in the sandbox; there is {1}")]
    NotFound(String, String),
    #[error("which service? --service with one of: {0}")]
    Several(String),
}

/// The service that is meant, among the ARNs of all.
pub(super) fn find(mut all: Vec<String>, wanted: Option<&str>) -> Result<String, NotOne> {
    let list = |arns: &[String]| {
        let names: Vec<String> = arns.iter().map(|arn| format!("`{arn}`")).collect();
        names.join(", ")
    };
    if all.is_empty() {
        return Err(NotOne::NoService);
    }
    let there = list(&all);
    all.retain(|arn| wanted.is_none_or(|wanted| arn == wanted || name_of(arn) == wanted));
    match (all.len(), wanted) {
        (0, wanted) => Err(NotOne::NotFound(wanted.unwrap_or_default().to_owned(), there)),
        (1, _) => Ok(all.remove(0)),
        _ => Err(NotOne::Several(list(&all))),
    }
}

/// The name in the ARN of a service.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_by_name_or_arn_and_several_are_never_guessed() {
        let (one, two) = (
            "arn:aws:ecs:us-west-2:1:service/a/one",
            "arn:aws:ecs:us-west-2:1:service/a/two",
        );
        let all = || vec![one.to_owned(), two.to_owned()];
        assert_eq!(find(all(), Some("two")).unwrap(), two);
        assert_eq!(find(all(), Some(one)).unwrap(), one);
        assert_eq!(find(vec![one.to_owned()], None).unwrap(), one);
        assert!(matches!(find(all(), None), Err(NotOne::Several(_))));
        assert!(matches!(find(all(), Some("three")), Err(NotOne::NotFound(..))));
        assert_eq!(find(Vec::new(), None), Err(NotOne::NoService));
    }
}
