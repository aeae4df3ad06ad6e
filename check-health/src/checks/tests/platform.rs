//! Service, tasks, definition, targets.

use super::*;

#[test]
fn what_is_up_and_well_passes_every_check() {
    for name in Name::ALL.into_iter().filter(|name| *name != Name::Lint) {
        assert_check(&Case::new().check(name), Outcome::Pass, &[]);
    }
}

#[test]
fn a_service_that_is_not_as_asked_for_fails() {
    type Change = fn(&mut Service);
    let changes: [(Change, &str); 4] = [
        (|it| it.running = 0, "0 running"),
        (|it| it.pending = 1, "1 pending"),
        (|it| it.desired = 0, "nothing is asked for"),
        (|it| it.status = "DRAINING".to_owned(), "DRAINING"),
    ];
    for (change, said) in changes {
        let case = Case::with(|case| change(case.seen.service.here_mut().unwrap()));
        assert_check(&case.check(Name::Service), Outcome::Fail, &[said]);
    }
}

#[test]
fn health_that_ecs_does_not_know_passes_only_where_no_essential_container_has_a_check() {
    let case = |definition| {
        Case::with(|case| {
            case.seen.tasks.here_mut().unwrap()[0].health = "UNKNOWN".to_owned();
            case.seen.task_definition = definition;
        })
    };
    let unchecked = case(Reading::Here(definition(None))).check(Name::Tasks);
    assert_check(
        &unchecked,
        Outcome::Pass,
        &["no essential container has a health check"],
    );
    let starting = case(Reading::Here(definition(Some(vec!["CMD".to_owned()])))).check(Name::Tasks);
    assert_check(&starting, Outcome::Unknown, &["01234567"]);
    let mut other = definition(None);
    other.arn = DEFINITION.replace(":7", ":8");
    assert_check(&case(Reading::Here(other)).check(Name::Tasks), Outcome::Unknown, &[]);
    let unread = case(denied("ECS", "DescribeTaskDefinition")).check(Name::Tasks);
    assert_check(&unread, Outcome::Unknown, &["DescribeTaskDefinition", "AccessDenied"]);
}

#[test]
fn a_word_that_contains_healthy_is_not_healthy() {
    for state in ["unhealthy", "initial", "unused", "unavailable", "healthy-ish"] {
        let case = Case::with(|case| {
            let group = case.wanted.listeners[0].group.clone();
            let targets = Reading::Here(vec![target(group.port, state)]);
            case.seen.targets.insert(group.name, targets);
        });
        assert_check(&case.check(Name::Targets), Outcome::Fail, &[state]);
    }
}

#[test]
fn a_load_balancer_that_is_not_active_fails_targets() {
    let case = Case::with(|case| {
        let balancer = case.seen.load_balancer.here_mut().unwrap();
        balancer.state = "active_impaired".to_owned();
    });
    assert_check(&case.check(Name::Targets), Outcome::Fail, &["active_impaired"]);
}

#[test]
fn a_group_with_nothing_in_it_fails_targets_and_membership() {
    for name in [Name::Targets, Name::Membership] {
        let case = Case::with(|case| {
            let group = case.wanted.listeners[1].group.name.clone();
            case.seen.targets.insert(group, Reading::Here(Vec::new()));
        });
        assert_check(&case.check(name), Outcome::Fail, &[]);
    }
}

#[test]
fn a_target_with_a_tasks_address_and_another_port_fails_membership() {
    let case = Case::with(|case| {
        let group = case.wanted.listeners[0].group.clone();
        let targets = case.seen.targets.get_mut(&group.name).unwrap();
        targets.here_mut().unwrap().push(target(group.port + 1, "healthy"));
    });
    let port = case.wanted.listeners[0].group.port + 1;
    let said = format!("{TASK}:{port}");
    let check = case.check(Name::Membership);
    assert_check(&check, Outcome::Fail, &[&said, "at another port"]);
    assert!(check.hint.unwrap().contains("`scale-down --profile ops`"));
}

#[test]
fn a_lint_error_fails_and_a_definition_that_is_not_known_makes_lint_unknown() {
    let case = Case::with(|case| {
        let prosody = ContainerDefinition {
            name: "prosody".to_owned(),
            image: "jitsi/prosody:stable-11146-2".to_owned(),
            environment: [("AUTH_TYPE".to_owned(), Some("internal".to_owned()))].into(),
            ..ContainerDefinition::default()
        };
        case.seen.task_definition.here_mut().unwrap().containers.push(prosody);
    });
    let check = case.check(Name::Lint);
    assert_check(&check, Outcome::Fail, &["auth-not-enabled"]);
    assert!(check.hint.is_some(), "{check:?}");
    let case = Case::with(|case| case.seen.service = denied("ECS", "DescribeServices"));
    let said = ["DescribeServices", "AccessDenied"];
    assert_check(&case.check(Name::Lint), Outcome::Unknown, &said);
}

#[test]
fn what_is_in_another_account_is_unknown_in_every_check() {
    for name in Name::ALL {
        let case = Case::with(|case| case.wanted.account_id = Some("999999999999".to_owned()));
        assert_check(&case.check(name), Outcome::Unknown, &["123456789012", "999999999999"]);
    }
}
