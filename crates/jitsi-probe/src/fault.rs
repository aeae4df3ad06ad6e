//! What is wrong with a site, in a visitor's order: each fault by itself, and no fault twice.

use std::fmt;

use serde::Serialize;

use crate::certificate::{Trust, Unreadable, Validity};
use crate::connection::ConnectFailure;
use crate::http::HttpFailure;
use crate::network::ResolveError;
use crate::page::{Mark, Page, PageFailure};
use crate::part::Part;
use crate::report::Report;
use crate::text::Foreign;
use crate::tls::TlsFailure;

/// One thing that keeps a visitor from the page, or warns them off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// The name leads nowhere, or that is not known.
    Name {
        /// Why.
        cause: ResolveError,
    },
    /// No address takes the connection.
    Connection {
        /// Why, for each.
        cause: ConnectFailure,
    },
    /// There is no TLS handshake.
    Tls {
        /// Why.
        cause: TlsFailure,
    },
    /// The certificate cannot be read.
    Certificate {
        /// Why.
        cause: Unreadable,
    },
    /// The certificate is for other names.
    WrongName,
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate's chain leads to no root of the visitor's.
    Untrusted {
        /// Why.
        cause: Trust,
    },
    /// There is no answer to the request.
    Http {
        /// Why.
        cause: HttpFailure,
    },
    /// The answer has another status than 200.
    Status {
        /// The status.
        status: u16,
        /// Where the visitor is sent instead.
        location: Option<Foreign>,
    },
    /// The page cannot be judged.
    Unjudged {
        /// Why.
        cause: PageFailure,
    },
    /// The page is Jitsi's template, not filled in.
    NotFilledIn,
    /// The page is only part of Jitsi's.
    Incomplete {
        /// What is not there.
        missing: Vec<Mark>,
    },
    /// The page is another site's.
    OtherSite {
        /// Its title.
        title: Option<Foreign>,
    },
    /// What came is no HTML.
    NoHtml {
        /// What it says that it is.
        content_type: Foreign,
    },
}

impl Report {
    /// What is wrong, in the order of the parts; nothing when a visitor meets the front of a Jitsi Meet without a warning.
    /// Parts that were not tried give none: the fault is the earlier one. What may warn of trouble to come (few days left,
    /// an address that failed before another one did, a question to DNS that was not answered) stands in the parts.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        faults.extend(self.failed_way());
        faults.extend(self.certificate_faults());
        faults.extend(self.http_fault());
        faults.extend(self.page_fault());
        faults
    }

    /// The part as far as the handshake that has failed, if one has.
    fn failed_way(&self) -> Option<Fault> {
        let name = self.addresses.failed().cloned().map(|cause| Fault::Name { cause });
        let connection = || {
            self.connection
                .failed()
                .cloned()
                .map(|cause| Fault::Connection { cause })
        };
        let tls = || self.tls.failed().cloned().map(|cause| Fault::Tls { cause });
        name.or_else(connection).or_else(tls)
    }

    /// Why there was no way to the site, where there was none.
    pub(crate) fn way_fault(&self) -> Fault {
        let cut_off = || Fault::Tls {
            cause: TlsFailure::CutOff,
        };
        self.failed_way().unwrap_or_else(cut_off)
    }

    pub(crate) fn certificate_faults(&self) -> Vec<Fault> {
        let certificate = match &self.certificate {
            Part::Done(certificate) => certificate,
            Part::Failed(cause) => return vec![Fault::Certificate { cause: cause.clone() }],
            Part::NotTried => return Vec::new(),
        };
        let name = (!certificate.covers_name).then_some(Fault::WrongName);
        let validity = match certificate.validity {
            Validity::Valid => None,
            Validity::NotYet => Some(Fault::NotYetValid),
            Validity::Expired => Some(Fault::Expired),
        };
        let trust = match &certificate.trust {
            Trust::Trusted => None,
            cause => Some(Fault::Untrusted { cause: cause.clone() }),
        };
        [name, validity, trust].into_iter().flatten().collect()
    }

    fn http_fault(&self) -> Option<Fault> {
        match &self.http {
            Part::Done(answer) if answer.status != 200 => Some(Fault::Status {
                status: answer.status,
                location: answer.location.clone(),
            }),
            Part::Failed(cause) => Some(Fault::Http { cause: cause.clone() }),
            Part::Done(_) | Part::NotTried => None,
        }
    }

    fn page_fault(&self) -> Option<Fault> {
        match &self.page {
            Part::Done(page) => Fault::of_page(page),
            Part::Failed(cause) => Some(Fault::Unjudged { cause: cause.clone() }),
            Part::NotTried => None,
        }
    }
}

impl Fault {
    /// What is wrong with a page that was read.
    pub(crate) fn of_page(page: &Page) -> Option<Self> {
        match page {
            Page::JitsiMeet { .. } => None,
            Page::NotFilledIn { .. } => Some(Fault::NotFilledIn),
            Page::Incomplete { missing, .. } => Some(Fault::Incomplete {
                missing: missing.clone(),
            }),
            Page::OtherSite { title } => Some(Fault::OtherSite { title: title.clone() }),
            Page::NoHtml { content_type } => Some(Fault::NoHtml {
                content_type: content_type.clone(),
            }),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { cause } => cause.fmt(f),
            Self::Connection { cause } => write!(f, "no address takes the connection ({cause})"),
            Self::Tls { cause } => cause.fmt(f),
            Self::Certificate { cause } => cause.fmt(f),
            Self::WrongName => f.write_str("the certificate is for other names"),
            Self::Expired => f.write_str("the certificate has expired"),
            Self::NotYetValid => f.write_str("the certificate is not valid yet"),
            Self::Untrusted { cause } => write!(f, "the certificate is not trusted: {cause}"),
            Self::Http { cause } => cause.fmt(f),
            Self::Status { status, location: None } => write!(f, "the page is answered with status {status}"),
            Self::Status {
                status,
                location: Some(location),
            } => write!(
                f,
                "the page is answered with status {status}, and sends visitors to `{location}`"
            ),
            Self::Unjudged { cause } => cause.fmt(f),
            Self::NotFilledIn => f.write_str("the page is Jitsi's template, not filled in"),
            Self::Incomplete { missing } => {
                f.write_str("the page is only part of Jitsi's, without ")?;
                for (at, mark) in missing.iter().enumerate() {
                    write!(f, "{}{mark}", if at == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::OtherSite { title: None } => f.write_str("the page is another site's"),
            Self::OtherSite { title: Some(title) } => write!(f, "the page is another site's: `{title}`"),
            Self::NoHtml { content_type } => write!(f, "the page is no HTML but `{content_type}`"),
        }
    }
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trusted => f.write_str("its chain leads to a known root"),
            Self::SelfSigned => f.write_str("it has signed itself"),
            Self::UnknownIssuer => f.write_str("its issuer is not known"),
            Self::ChainExpired => f.write_str("another certificate of its chain is out of its validity"),
            Self::Refused { told } => f.write_str(told),
        }
    }
}
