//! Certificates: described and judged, whatever they are worth, and no end of the visit.

use jitsi_probe::{Certificate, Fault, Page, Part, Report, Roots, RootsError, Trust, Validity};

use crate::authority::{Authority, Chain, DOMAIN, hours, self_signed};
use crate::scene::{FRONT, Scene, page};

async fn shown(chain: Chain, roots: Roots) -> (Certificate, Vec<Fault>) {
    let report: Report = Scene::saying(chain, page(FRONT)).visit(roots).await;
    assert!(
        matches!(report.page, Part::Done(Page::JitsiMeet { .. })),
        "{:?}",
        report.page
    );
    (report.certificate.done().unwrap().clone(), report.faults())
}

#[tokio::test(start_paused = true)]
async fn a_good_certificate_is_described() {
    let authority = Authority::new();
    let chain = authority.issue(&[DOMAIN, "*.example.net", "192.0.2.1"], hours(-24), hours(25));
    let (certificate, faults) = shown(chain, authority.roots()).await;
    assert_eq!(certificate.subject.as_str(), format!("CN={DOMAIN}"));
    assert_eq!(certificate.issuer.as_str(), "CN=Test Root");
    let names: Vec<&str> = certificate.names.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, [DOMAIN, "*.example.net", "192.0.2.1"]);
    assert_eq!((certificate.not_before, certificate.not_after), (hours(-24), hours(25)));
    assert_eq!((certificate.days_left, certificate.sent), (1, 1));
    assert_eq!(
        (certificate.validity, certificate.trust),
        (Validity::Valid, Trust::Trusted)
    );
    assert!(certificate.covers_name && faults.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_that_is_expired_and_of_another_name_is_told_to_be_both_and_the_page_is_seen() {
    let authority = Authority::new();
    let chain = authority.issue(&["other.example.org"], hours(-48), hours(-1));
    let (certificate, faults) = shown(chain, authority.roots()).await;
    assert_eq!((certificate.validity, certificate.days_left), (Validity::Expired, -1));
    assert_eq!(certificate.trust, Trust::Trusted, "its chain is good");
    assert_eq!(faults, [Fault::WrongName, Fault::Expired]);
}

#[tokio::test(start_paused = true)]
async fn validity_ends_with_its_last_second_and_days_are_whole() {
    let authority = Authority::new();
    for (from, until, validity, days_left) in [
        (0, 24, Validity::Valid, 1),
        (-24, 23, Validity::Valid, 0),
        (-24, 0, Validity::Valid, 0),
        (-24, -24, Validity::Expired, -1),
        (-48, -25, Validity::Expired, -2),
        (1, 24, Validity::NotYet, 1),
    ] {
        let chain = authority.issue(&[DOMAIN], hours(from), hours(until));
        let (certificate, faults) = shown(chain, authority.roots()).await;
        assert_eq!(
            (certificate.validity, certificate.days_left),
            (validity, days_left),
            "{from} {until}"
        );
        let fault = match validity {
            Validity::Valid => None,
            Validity::NotYet => Some(Fault::NotYetValid),
            Validity::Expired => Some(Fault::Expired),
        };
        assert_eq!(faults, Vec::from_iter(fault), "{from} {until}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_stands_for_one_label_and_the_subject_for_none() {
    let authority = Authority::new();
    for (names, covers) in [
        (&["*.example.org"][..], true),
        (&["*.org"], false),
        (&["MEET.EXAMPLE.ORG"], true),
        (&["example.org"], false),
        (&["meet.example.org.evil.example"], false),
        (&["192.0.2.1"], false),
    ] {
        let chain = authority.issue(names, hours(-1), hours(1));
        let (certificate, faults) = shown(chain, authority.roots()).await;
        assert_eq!(certificate.covers_name, covers, "{names:?}");
        assert_eq!(faults.contains(&Fault::WrongName), !covers, "{names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_that_leads_to_no_root_is_told_by_what_is_wrong_with_it() {
    let root = Authority::new();
    let (good, stale) = (root.below(hours(24)), root.below(hours(-1)));
    let trust = async |chain: Chain| shown(chain, root.roots()).await.0.trust;
    assert_eq!(trust(good.good()).await, Trust::Trusted);
    let mut short = good.good();
    short.certificates.truncate(1);
    assert_eq!(trust(short).await, Trust::UnknownIssuer, "one in between is not sent");
    let other = Authority::named("Other Root");
    assert_eq!(trust(other.good()).await, Trust::UnknownIssuer);
    let forged = trust(Authority::new().good()).await;
    assert!(
        matches!(forged, Trust::Refused { .. }),
        "it bears the root's name: {forged:?}"
    );
    assert_eq!(trust(self_signed()).await, Trust::SelfSigned);
    assert_eq!(trust(stale.good()).await, Trust::ChainExpired);
    let (_, faults) = shown(self_signed(), root.roots()).await;
    let cause = Trust::SelfSigned;
    assert_eq!(faults, [Fault::Untrusted { cause }]);
}

#[tokio::test(start_paused = true)]
async fn the_authorities_of_a_file_are_trusted_beside_others() {
    let (one, two) = (Authority::new(), Authority::named("Other Root"));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let both = write("both.pem", &format!("# ours\n{}{}", one.pem(), two.pem()));
    let roots = Roots::none().with_file(&both).unwrap();
    for authority in [&one, &two] {
        assert_eq!(shown(authority.good(), roots.clone()).await.0.trust, Trust::Trusted);
    }
    let alone = one.roots();
    assert_eq!(shown(two.good(), alone.clone()).await.0.trust, Trust::UnknownIssuer);
    let empty = write("empty.pem", "nothing here\n");
    assert!(matches!(alone.clone().with_file(&empty), Err(RootsError::Empty { .. })));
    let broken = write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    );
    assert!(matches!(alone.clone().with_file(&broken), Err(RootsError::File { .. })));
    let absent = folder.path().join("absent.pem");
    assert!(matches!(alone.clone().with_file(&absent), Err(RootsError::File { .. })));
    let nonsense = write(
        "nonsense.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    assert!(matches!(alone.with_file(&nonsense), Err(RootsError::Unusable { .. })));
}
