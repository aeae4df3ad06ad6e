//! What a visitor meets.

use jitsi_cli::visitor::{Inspection, Visited, Visiting};
use jitsi_ops::reading::Reading;
use jitsi_ops::record::leads_to;
use jitsi_ops::wanted::Wanted;
use jitsi_probe::{Mark, Page, Part, Trust, Validity};

use super::{Judged, Outcome};

/// The visit, or why there was none.
fn visited(found: &Inspection) -> Result<&Visited, Judged> {
    match &found.visit {
        Visiting::Done(visited) => Ok(visited),
        Visiting::Not(why) => Err(Judged::unknown(format!("not tried: {why}"))),
    }
}

/// What is said of a part that an earlier part left untried.
fn not_tried() -> Judged {
    Judged::unknown("not tried: what comes before it has failed")
}

pub(super) fn dns(found: &Inspection, wanted: &Wanted) -> Judged {
    match record(found, wanted) {
        None => name(found, wanted),
        Some(judged) if judged.outcome == Outcome::Fail => judged,
        // That the name leads elsewhere is known without its record.
        Some(unread) => match name(found, wanted) {
            judged if judged.outcome == Outcome::Fail => judged,
            _ => unread,
        },
    }
}

/// Where the name leads, by a resolver.
fn name(found: &Inspection, wanted: &Wanted) -> Judged {
    let flags = &wanted.further.flags;
    let visited = match visited(found) {
        Ok(visited) => visited,
        Err(judged) => return judged,
    };
    let addresses = match &visited.report.addresses {
        Part::Done(addresses) => addresses,
        Part::Failed(cause) if cause.is_known() => {
            let judged = Judged::fail(format!("`{}`: {cause}", wanted.domain));
            return judged
                .hint("a resolver may remember for minutes that the name did not exist; is its record there?");
        }
        Part::Failed(cause) => return Judged::unknown(format!("`{}`: {cause}", wanted.domain)),
        Part::NotTried => return not_tried(),
    };
    let list: Vec<String> = addresses.found.iter().map(ToString::to_string).collect();
    let list = list.join(", ");
    // Who has no listener for the site has the site elsewhere.
    if !wanted.listeners.iter().any(|listener| listener.port == 443) {
        return Judged::pass(format!("`{}` leads to {list}", wanted.domain));
    }
    match visited.leads_to_the_load_balancer() {
        Some(true) => Judged::pass(format!("`{}` leads to the load balancer: {list}", wanted.domain)),
        Some(false) => Judged::fail(format!(
            "`{}` leads to {list}, and not to the load balancer",
            wanted.domain
        ))
        .hint(format!(
            "look for who else has written its record; `scale-up{flags}` puts it where none is"
        )),
        None => balancer_unknown(found, visited, wanted),
    }
}

/// Why it is not known to which addresses the load balancer leads.
fn balancer_unknown(found: &Inspection, visited: &Visited, wanted: &Wanted) -> Judged {
    match (&found.survey.seen.load_balancer, &visited.balancer) {
        (Reading::Here(balancer), Err(cause)) => Judged::unknown(format!("`{}`: {cause}", balancer.dns_name)),
        (unread, _) => Judged::unread("the load balancer", unread, wanted),
    }
}

/// What is wrong with the record, where a zone is configured.
fn record(found: &Inspection, wanted: &Wanted) -> Option<Judged> {
    let dns = wanted.dns.as_ref()?;
    let seen = &found.survey.seen;
    let records = match &seen.records {
        Reading::Here(records) => records,
        unread => return Some(Judged::unread("the record", unread, wanted)),
    };
    let balancer = seen.load_balancer.here()?;
    let zone = balancer.zone_id.as_deref().unwrap_or_default();
    if records.iter().any(|record| leads_to(record, &balancer.dns_name, zone)) {
        return None;
    }
    let leading: Vec<String> = records
        .iter()
        .filter(|r| r.leads_visitors())
        .map(|r| r.leads_to())
        .collect();
    let (name, flags) = (&dns.record, &wanted.further.flags);
    Some(match leading.as_slice() {
        [] => Judged::fail(format!("`{name}` has no record in {}", dns.hosted_zone_id))
            .hint(format!("`scale-up{flags}` puts it there")),
        others => Judged::fail(format!(
            "the record of `{name}` leads to {}, and not to the load balancer",
            others.join(", ")
        ))
        .hint(format!("`scale-up{flags}` says whether it may be replaced")),
    })
}

pub(super) fn https(found: &Inspection) -> Judged {
    let report = match visited(found) {
        Ok(visited) => &visited.report,
        Err(judged) => return judged,
    };
    let failed = [
        report.connection.failed().map(ToString::to_string),
        report.tls.failed().map(ToString::to_string),
        report.http.failed().map(ToString::to_string),
    ];
    if let Some(why) = failed.into_iter().flatten().next() {
        return Judged::fail(why);
    }
    match &report.http {
        Part::Done(answer) if answer.status == 200 => {
            Judged::pass(format!("HTTP 200 after {} ms", answer.took.as_millis()))
        }
        Part::Done(answer) => {
            let to = answer
                .location
                .as_ref()
                .map_or_else(String::new, |to| format!(", which sends to {to}"));
            let judged = Judged::fail(format!("HTTP {}{to}", answer.status));
            match answer.status {
                502..=504 => judged.hint("nginx is there, and what it asks is not: look at the task's containers"),
                _ => judged,
            }
        }
        Part::Failed(_) | Part::NotTried => not_tried(),
    }
}

pub(super) fn certificate(found: &Inspection, wanted: &Wanted) -> Judged {
    let report = match visited(found) {
        Ok(visited) => &visited.report,
        Err(judged) => return judged,
    };
    let certificate = match &report.certificate {
        Part::Done(certificate) => certificate,
        Part::Failed(cause) => return Judged::fail(cause.to_string()),
        Part::NotTried => return not_tried(),
    };
    let mut wrong = Vec::new();
    if !certificate.covers_name {
        let names: Vec<String> = certificate.names.iter().map(ToString::to_string).collect();
        wrong.push(format!("it is for {}, not for `{}`", names.join(", "), wanted.domain));
    }
    match certificate.validity {
        Validity::Valid => {}
        Validity::NotYet => wrong.push(format!("it is not valid before {}", certificate.not_before)),
        Validity::Expired => wrong.push(format!("it has expired at {}", certificate.not_after)),
    }
    match &certificate.trust {
        Trust::Trusted => {}
        cause => wrong.push(cause.to_string()),
    }
    let days = certificate.days_left;
    let judged = Judged::by(&wrong, || match days {
        1 => "good, but 1 day left: renew".to_owned(),
        days if certificate.wants_renewal() => format!("good, but {days} days left: renew"),
        days => format!("issued by {}, {days} days left", certificate.issuer),
    });
    if !certificate.covers_name && certificate.validity == Validity::Valid {
        return judged.hint("another certificate is shown than the name's: look at `nlb.certificate_arn`");
    }
    if !wrong.is_empty() || certificate.wants_renewal() {
        return judged.hint("renew or replace it; at AWS Certificate Manager look for why it was not renewed");
    }
    judged
}

pub(super) fn page(found: &Inspection) -> Judged {
    let report = match visited(found) {
        Ok(visited) => &visited.report,
        Err(judged) => return judged,
    };
    let titled = |title: &Option<jitsi_probe::Foreign>| {
        title
            .as_ref()
            .map_or_else(String::new, |title| format!(", titled `{title}`"))
    };
    match &report.page {
        Part::Done(Page::JitsiMeet { title }) => Judged::pass(format!("Jitsi Meet{}", titled(title))),
        Part::Done(Page::NotFilledIn { .. }) => {
            Judged::fail("it is Jitsi's template, not filled in").hint("nginx has to fill in its includes (`ssi on`)")
        }
        Part::Done(Page::Incomplete { missing, .. }) => {
            let missing: Vec<&str> = missing.iter().map(|mark| named(*mark)).collect();
            Judged::fail(format!(
                "it is only a part of Jitsi's page, without {}",
                missing.join(", ")
            ))
        }
        Part::Done(Page::OtherSite { title }) => Judged::fail(format!("it is another site's{}", titled(title)))
            .hint("who answers there? check the name, and what the load balancer forwards to"),
        Part::Done(Page::NoHtml { content_type }) => Judged::fail(format!("it is no HTML but `{content_type}`")),
        Part::Failed(cause) => Judged::unknown(cause.to_string()),
        Part::NotTried => not_tried(),
    }
}

/// What a page lacks, as its source has it.
fn named(mark: Mark) -> &'static str {
    match mark {
        Mark::Library => "`lib-jitsi-meet.min.js`",
        Mark::App => "`app.bundle.min.js`",
        Mark::Root => "`<div id=\"react\">`",
    }
}
