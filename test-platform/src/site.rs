//! Phases 4 to 7: what a visitor meets.

use std::sync::Mutex;
use std::time::Duration;

use check_health::checks::{self, Name};
use jiff::{SignedDuration, Timestamp};
use jitsi_ops::clock::between;
use jitsi_ops::parameter;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_probe::{
    Issuer, Ladder, Missing, Outcome as Climbed, Part, Plain, ProbeRoom, Reception, Rung, Secret, Token,
};

use crate::check::{Check, Outcome};
use crate::rig::Rig;

/// How long names, certificates and targets may lag behind a platform that has just come up. Resolvers keep for minutes that
/// there is no such name.
pub(crate) const LAG: Duration = Duration::from_secs(300);
/// From one look to the next.
const PAUSE: Duration = Duration::from_secs(15);

/// What of the inside is as it should be, and whether the name leads there.
const HEALTH: [Name; 5] = [Name::Service, Name::Tasks, Name::Targets, Name::Membership, Name::Dns];

pub(crate) async fn health(rig: &Rig, lag: Duration) -> Vec<Check> {
    until_well(rig, lag, |_| true, async || inspected(rig, &HEALTH).await).await
}

pub(crate) async fn certificate(rig: &Rig, lag: Duration) -> Vec<Check> {
    // A bad certificate does not get better in minutes; whether it could be looked at does.
    let may_pass = |checks: &[Check]| checks.iter().any(|check| check.outcome == Outcome::Unknown);
    until_well(rig, lag, may_pass, async || inspected(rig, &[Name::Certificate]).await).await
}

pub(crate) async fn https(rig: &Rig, lag: Duration) -> Vec<Check> {
    let mut checks = until_well(rig, lag, |_| true, async || inspected(rig, &[Name::Https]).await).await;
    let reception = rig.visitor.reception(&rig.wanted, rig.time_at_aws()).await;
    checks.extend(received(&reception));
    checks
}

async fn inspected(rig: &Rig, names: &[Name]) -> Vec<Check> {
    let found = rig.inspect().await;
    let made = names.iter().map(|name| checks::check(*name, &found, &rig.wanted));
    made.map(Check::from).collect()
}

/// Looks again until all is well, for as long as it may come to that.
async fn until_well(
    rig: &Rig,
    lag: Duration,
    may_pass: impl Fn(&[Check]) -> bool,
    look: impl AsyncFn() -> Vec<Check>,
) -> Vec<Check> {
    let lag = SignedDuration::try_from(lag).unwrap_or(SignedDuration::MAX);
    let until = rig.clock.now().saturating_add(lag).unwrap_or(Timestamp::MAX);
    loop {
        let checks = look().await;
        let wrong = checks.iter().find(|check| !check.outcome.is_well());
        let Some(wrong) = wrong.filter(|_| may_pass(&checks)) else {
            return checks;
        };
        let left = between(rig.clock.now(), until);
        if left.is_zero() {
            return checks;
        }
        rig.display
            .note(&format!("not yet well: {}: {}", wrong.name, wrong.why));
        rig.clock.sleep(PAUSE.min(left)).await;
    }
}

/// What is worth knowing of how the site receives visitors. None of it keeps anybody out.
fn received(reception: &Reception) -> [Check; 3] {
    let plain = match &reception.plain {
        Part::Done(Plain::Upgraded { status }) => format!("port 80 sends visitors to HTTPS ({status})"),
        Part::Done(Plain::SentElsewhere { status, location }) => {
            format!("port 80 sends visitors to {location} ({status})")
        }
        Part::Done(Plain::Answered { status }) => format!("port 80 answers without TLS ({status})"),
        Part::Failed(_) => "nobody answers on port 80; browsers that are given the bare name try HTTPS".to_owned(),
        Part::NotTried => "port 80 was not tried".to_owned(),
    };
    let http2 = match &reception.http2 {
        Part::Done(true) => "HTTP/2 is spoken",
        Part::Done(false) => "HTTP/2 is not spoken; pages load a little slower",
        Part::Failed(_) | Part::NotTried => "whether HTTP/2 is spoken could not be seen",
    };
    let hsts = match &reception.hsts {
        Part::Done(Some(value)) => format!("Strict-Transport-Security: {value}"),
        Part::Done(None) => "no Strict-Transport-Security".to_owned(),
        Part::Failed(_) | Part::NotTried => "whether there is Strict-Transport-Security could not be seen".to_owned(),
    };
    [
        Check::note("redirect", plain),
        Check::note("http2", http2),
        Check::note("hsts", hsts),
    ]
}

/// Climbs the ladder, and says of each rung what came of it and what it does not prove; again for as long as jicofo and prosody
/// may still be finding each other. Where strangers open no room, it has a token for its own.
pub(crate) async fn jitsi(rig: &Rig, lag: Duration) -> (Vec<Check>, Option<Ladder>) {
    let last = Mutex::new(None);
    let checks = until_well(
        rig,
        lag,
        |_| true,
        async || {
            let (checks, ladder) = climbed(rig).await;
            if let Ok(mut last) = last.lock() {
                *last = Some(ladder);
            }
            checks
        },
    );
    let checks = checks.await;
    (checks, last.into_inner().unwrap_or_default())
}

async fn climbed(rig: &Rig) -> (Vec<Check>, Ladder) {
    let room = ProbeRoom::random();
    let now = rig.time_at_aws();
    let (token, unmade) = match token(rig, &room, now).await {
        Ok(token) => (token, None),
        Err(problem) => (None, Some(problem)),
    };
    let closed = rig.jwt.is_some();
    let ladder = rig.visitor.climb(&rig.wanted, now, room, token, closed).await;
    let mut checks: Vec<Check> = ladder.rungs.iter().map(rung).collect();
    checks.extend(unmade.map(|problem| Check {
        outcome: Outcome::Unknown,
        ..Check::of_problem("token", &problem)
    }));
    (checks, ladder)
}

/// A token for one room, for a few minutes. Its secret goes nowhere else.
async fn token(rig: &Rig, room: &ProbeRoom, now: Timestamp) -> Result<Option<Token>, Problem> {
    let Some(jwt) = &rig.jwt else { return Ok(None) };
    // A secret of another account's is none of ours.
    rig.right_account(&rig.survey().await)?;
    let secret = parameter::read(&rig.aws, &rig.wanted, jwt.secret_parameter.as_str()).await?;
    let issuer = Issuer {
        id: jwt.app_id.to_string(),
        audience: jwt.audience.to_string(),
        subject: "*".to_owned(),
        secret: Secret::new(secret),
    };
    match Token::mint(&issuer, room, now) {
        Ok(token) => Ok(Some(token)),
        Err(error) => Err(Problem::new(ProblemKind::Failed, "no token could be made").because(error.to_string())),
    }
}

fn rung(rung: &Rung) -> Check {
    let name = format!("{} {}", rung.level, rung.level.title());
    let mut check = match &rung.outcome {
        Climbed::Passed(evidence) => Check::pass(name, evidence.to_string()),
        Climbed::Failed(faults) => {
            let why: Vec<String> = faults.iter().map(ToString::to_string).collect();
            let check = Check::fail(name, why.join("; "));
            match faults.iter().find_map(|fault| fault.hint()) {
                Some(hint) => check.hint(hint),
                None => check,
            }
        }
        Climbed::NotTried { needs, because } => match because {
            Missing::ClosedToStrangers => Check::note(name, format!("not tried: {needs} is closed to strangers")),
            Missing::Failed => Check::new(name, Outcome::NotTried, format!("not tried: {needs} has failed")),
        },
    };
    if check.outcome == Outcome::Pass {
        check.does_not_prove = Some(rung.level.does_not_prove());
    }
    check
}
