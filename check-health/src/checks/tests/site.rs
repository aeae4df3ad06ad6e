//! Name, certificate, page.

use super::*;

#[test]
fn a_resolver_that_cannot_tell_makes_dns_unknown_and_one_that_denies_the_name_fails_it() {
    for (cause, outcome) in [
        (ResolveError::NoAnswer, Outcome::Unknown),
        (
            ResolveError::ServerFailed {
                code: "SERVFAIL".to_owned(),
            },
            Outcome::Unknown,
        ),
        (ResolveError::NoSuchName, Outcome::Fail),
        (ResolveError::NoAddress, Outcome::Fail),
    ] {
        let said = cause.to_string();
        let case = Case::with(|case| case.visited.report.addresses = Part::Failed(cause));
        assert_check(&case.check(Name::Dns), outcome, &[&said]);
    }
}

#[test]
fn a_name_that_is_known_to_lead_elsewhere_fails_though_its_record_could_not_be_read() {
    let case = Case::with(|case| {
        case.seen.records = denied("Route 53", "ListResourceRecordSets");
        case.visited.report.addresses = Part::Done(Addresses::from(vec![[192, 0, 2, 7].into()]));
    });
    assert_check(&case.check(Name::Dns), Outcome::Fail, &["192.0.2.7"]);
}

#[test]
fn whether_the_name_leads_to_a_load_balancer_that_is_not_known_is_unknown_with_the_cause() {
    let case = Case::with(|case| {
        case.seen.load_balancer = denied("ELBv2", "DescribeLoadBalancers");
        case.visited.balancer = Err(ResolveError::NoSuchName);
    });
    let said = ["DescribeLoadBalancers", "AccessDenied"];
    assert_check(&case.check(Name::Dns), Outcome::Unknown, &said);
    let case = Case::with(|case| case.visited.balancer = Err(ResolveError::NoAnswer));
    assert_check(&case.check(Name::Dns), Outcome::Unknown, &["no name server answers"]);
}

#[test]
fn without_a_listener_for_the_site_a_name_need_only_resolve() {
    let case = Case::with(|case| {
        case.wanted.listeners.retain(|listener| listener.port != 443);
        case.wanted.dns = None;
        case.visited.report.addresses = Part::Done(Addresses::from(vec![[192, 0, 2, 7].into()]));
    });
    assert_check(&case.check(Name::Dns), Outcome::Pass, &["192.0.2.7"]);
}

#[test]
fn a_certificate_with_few_days_left_passes_with_a_warning() {
    for (days, said) in [
        (21, "21 days left"),
        (20, "20 days left: renew"),
        (1, "1 day left: renew"),
    ] {
        let case = Case::with(|case| {
            let certificate = Certificate {
                days_left: days,
                ..certificate()
            };
            case.visited.report.certificate = Part::Done(certificate);
        });
        let check = case.check(Name::Certificate);
        assert_check(&check, Outcome::Pass, &[said]);
        assert_eq!(check.hint.is_some(), days < 21, "{check:?}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_or_not_valid_yet_fails() {
    type Change = fn(&mut Certificate);
    let changes: [Change; 4] = [
        |it| it.trust = Trust::SelfSigned,
        |it| it.trust = Trust::UnknownIssuer,
        |it| it.trust = Trust::ChainExpired,
        |it| it.validity = Validity::NotYet,
    ];
    for change in changes {
        let case = Case::with(|case| {
            let mut certificate = certificate();
            change(&mut certificate);
            case.visited.report.certificate = Part::Done(certificate);
        });
        assert_check(&case.check(Name::Certificate), Outcome::Fail, &[]);
    }
}

#[test]
fn a_page_that_is_not_jitsis_fails_by_what_it_is() {
    let title = || Some(Foreign::new("Welcome"));
    for (page, said) in [
        (Page::NotFilledIn { title: title() }, "not filled in"),
        (
            Page::Incomplete {
                title: title(),
                missing: vec![Mark::Library, Mark::Root],
            },
            "lib-jitsi-meet.min.js",
        ),
        (Page::OtherSite { title: title() }, "Welcome"),
        (
            Page::NoHtml {
                content_type: Foreign::new("application/json"),
            },
            "application/json",
        ),
    ] {
        let case = Case::with(|case| case.visited.report.page = Part::Done(page));
        assert_check(&case.check(Name::Page), Outcome::Fail, &[said]);
    }
}
