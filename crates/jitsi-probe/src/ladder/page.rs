//! L0: the page, and the two scripts that it loads.

use futures_util::future::join_all;
use url::Url;

use crate::fault::Fault;
use crate::http::LONGEST_PAGE;
use crate::ladder::site::{Extent, Site, same_host};
use crate::ladder::{Bundle, Evidence, Outcome, RungFault, Target};
use crate::page::{Page, Sources, judge, sources};
use crate::text::Foreign;

/// Neither of Jitsi's two scripts is smaller than this, in bytes; upstream's have a hundred times as many.
pub const SMALLEST_BUNDLE: u64 = 1 << 14;

/// No more of a script is read than this, in bytes. It is counted and not kept.
const LONGEST_BUNDLE: usize = 32 << 20;

/// So much of a script tells whether it is a page.
const BEGINNING: usize = 1 << 10;

pub(super) async fn climb(site: Site<'_>) -> Outcome {
    match page(site).await {
        Ok((title, sources)) => bundles(site, title, &sources).await,
        Err(fault) => Outcome::Failed(vec![fault]),
    }
}

async fn page(site: Site<'_>) -> Result<(Option<Foreign>, Sources), RungFault> {
    let extent = Extent {
        limit: LONGEST_PAGE,
        keep: LONGEST_PAGE,
    };
    let (content_type, body) = site.file(Target::Page, &site.visit.path, extent).await?;
    let page = judge(content_type.as_ref(), &body.start);
    match (Fault::of_page(&page), page) {
        (None, Page::JitsiMeet { title }) => Ok((title, sources(&body.start))),
        (cause, _) => Err(RungFault::Page {
            cause: cause.unwrap_or(Fault::NotFilledIn),
        }),
    }
}

async fn bundles(site: Site<'_>, title: Option<Foreign>, sources: &Sources) -> Outcome {
    let base = site.address();
    let base = match (&base, &sources.base) {
        (Some(page), Some(base)) => page.join(base.trim()).ok().or_else(|| Some(page.clone())),
        _ => base,
    };
    let scripts = [(Target::Library, &sources.library), (Target::App, &sources.app)];
    let fetched = scripts.map(|(script, source)| bundle(site, base.as_ref(), script, source.as_deref()));
    let (mut bundles, mut faults) = (Vec::new(), Vec::new());
    for fetched in join_all(fetched).await {
        match fetched {
            Ok(bundle) => bundles.push(bundle),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Outcome::Passed(Evidence::Page { title, bundles })
    } else {
        Outcome::Failed(faults)
    }
}

async fn bundle(site: Site<'_>, base: Option<&Url>, script: Target, source: Option<&str>) -> Result<Bundle, RungFault> {
    let source = source.unwrap_or_default().trim();
    let url = base.and_then(|base| base.join(source).ok());
    let here = site.address();
    let url = url.filter(|url| url.scheme() == "https" && here.is_some_and(|here| same_host(&here, url)));
    let Some(url) = url else {
        let source = Foreign::new(source);
        return Ok(Bundle::Elsewhere { script, source });
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let extent = Extent {
        limit: LONGEST_BUNDLE,
        keep: BEGINNING,
    };
    let body = site.script(script, &path, extent).await?;
    if body.bytes < SMALLEST_BUNDLE {
        return Err(RungFault::TooSmall {
            target: script,
            bytes: body.bytes,
            least: SMALLEST_BUNDLE,
        });
    }
    let bytes = body.bytes;
    Ok(Bundle::Fetched { script, bytes })
}
