//! What a visitor meets: name, site, certificate.

use jitsi_cli::printer::{BAD, GOOD, WARN};
use jitsi_probe::{Page, Trust, Validity};

use crate::document::{Document, PartView, Seen, VisitView};
use crate::text::{lacking, painted};

/// Where the name leads, by Route 53 and by a resolver.
pub(crate) fn name(document: &Document<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    match &document.record {
        None => {}
        Some(Seen::Here(record)) if record.leads_to.is_empty() => {
            lines.push(format!("{}: no record in {}", record.name, record.zone));
        }
        Some(Seen::Here(record)) => {
            let to = record.leads_to.join(", ");
            let whose = verdict(record.to_the_load_balancer);
            lines.push(format!(
                "record {} in {} leads to {to}: {whose}",
                record.name, record.zone
            ));
        }
        Some(other) => lines.extend(lacking(other).map(|word| format!("record: {word}"))),
    }
    match &document.visit {
        VisitView::NotMade { why } => lines.push(format!("not visited: {why}")),
        VisitView::Made {
            addresses,
            to_the_load_balancer,
            ..
        } => lines.push(match addresses {
            PartView::Done(found) => {
                let list: Vec<String> = found.found.iter().map(ToString::to_string).collect();
                format!("resolves to {}: {}", list.join(", "), verdict(*to_the_load_balancer))
            }
            PartView::Failed { why } => format!("{}: {why}", painted(BAD, "does not resolve")),
            PartView::NotTried => "not resolved".to_owned(),
        }),
    }
    lines
}

fn verdict(to_the_load_balancer: Option<bool>) -> String {
    match to_the_load_balancer {
        Some(true) => painted(GOOD, "the load balancer"),
        Some(false) => painted(BAD, "not the load balancer"),
        None => painted(WARN, "whether that is the load balancer is not known"),
    }
}

/// Connection, TLS, HTTP, page, as far as the visit came.
pub(crate) fn site(document: &Document<'_>) -> Vec<String> {
    let VisitView::Made {
        connection,
        tls,
        http,
        page,
        elapsed_seconds,
        ..
    } = &document.visit
    else {
        return Vec::new();
    };
    if let PartView::Failed { why } = connection {
        return vec![format!("{}: {why}", painted(BAD, "no connection"))];
    }
    if let PartView::Failed { why } = tls {
        return vec![format!("{}: {why}", painted(BAD, "no TLS"))];
    }
    let mut lines = Vec::new();
    match http {
        PartView::Done(answer) => {
            let style = if answer.status == 200 { GOOD } else { BAD };
            let status = painted(style, &format!("HTTP {}", answer.status));
            let to = answer
                .location
                .as_ref()
                .map_or_else(String::new, |to| format!(" to {to}"));
            lines.push(format!("{status}{to} in {elapsed_seconds} s"));
        }
        PartView::Failed { why } => lines.push(format!("{}: {why}", painted(BAD, "no answer"))),
        PartView::NotTried => {}
    }
    match page {
        PartView::Done(page) => lines.push(of_page(page)),
        PartView::Failed { why } => lines.push(format!("{}: {why}", painted(BAD, "page"))),
        PartView::NotTried => {}
    }
    lines
}

fn of_page(page: &Page) -> String {
    match page {
        Page::JitsiMeet { .. } => "the page is Jitsi Meet's".to_owned(),
        Page::NotFilledIn { .. } => painted(BAD, "the page is Jitsi's template, not filled in"),
        Page::Incomplete { .. } => painted(BAD, "the page is only a part of Jitsi's"),
        Page::OtherSite { title } => {
            let title = title
                .as_ref()
                .map_or_else(String::new, |title| format!(", titled `{title}`"));
            painted(BAD, &format!("the page is another site's{title}"))
        }
        Page::NoHtml { content_type } => painted(BAD, &format!("what came is no HTML but `{content_type}`")),
    }
}

/// Subject, issuer, days left, and what is wrong.
pub(crate) fn certificate(document: &Document<'_>) -> Vec<String> {
    let VisitView::Made { certificate, .. } = &document.visit else {
        return Vec::new();
    };
    let certificate = match certificate {
        PartView::Done(certificate) => certificate,
        PartView::Failed { why } => return vec![painted(BAD, why)],
        PartView::NotTried => return Vec::new(),
    };
    let days = format!("{} days left", certificate.days_left);
    let days = match certificate.days_left {
        left if left < 0 => painted(BAD, &days),
        _ if certificate.wants_renewal() => painted(WARN, &format!("{days}: renew it")),
        _ => days,
    };
    let mut lines = vec![format!(
        "{}, issued by {}, {days}",
        certificate.subject, certificate.issuer
    )];
    if !certificate.covers_name {
        let names: Vec<String> = certificate.names.iter().map(ToString::to_string).collect();
        lines.push(painted(BAD, &format!("it is for other names: {}", names.join(", "))));
    }
    match certificate.validity {
        Validity::Valid => {}
        Validity::NotYet => lines.push(painted(BAD, "it is not valid yet")),
        Validity::Expired => lines.push(painted(BAD, "it has expired")),
    }
    match &certificate.trust {
        Trust::Trusted => {}
        other => lines.push(painted(BAD, &other.to_string())),
    }
    lines
}
