//! `aws-sandbox site`: something is wrong with what visitors meet, or nothing any more.

use std::process::ExitCode;

use clap::ValueEnum;

use super::printer::Printer;
use super::service::{NotOne, find, name_of};
use super::{Failure, StateArgs};
use crate::world::{SiteFault, Unknown, World};

/// What visitors meet, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is wrong with the site; a fault takes the place of the one before it
    #[arg(value_enum)]
    what: What,
    /// The service, by name or ARN [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    #[command(flatten)]
    state: StateArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Its certificate is for another name
    WrongName,
    /// Its certificate has expired
    Expired,
    /// It answers 502
    BadGateway,
    /// It shows the page of another site
    OtherSite,
    /// Its config.js names another host
    ConfigHost,
    /// Its scripts are answered with the front page
    NoBundles,
    /// Nobody answers behind its web server: http-bind and xmpp-websocket give 502
    NoProsody,
    /// Its web server shows the front page at xmpp-websocket
    NoWebsocket,
    /// Its websocket agrees to another subprotocol than xmpp
    WrongSubprotocol,
    /// It offers no login without an account
    NoAnonymous,
    /// It lets nobody in without a token
    Closed,
    /// Nobody looks after conferences: service-unavailable
    NoJicofo,
    /// Nothing is wrong with it
    Well,
}

/// Why nothing is changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Service(#[from] NotOne),
    #[error(transparent)]
    Unknown(#[from] Unknown),
}

/// Plants a fault, or takes it back.
pub(super) fn site(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let sandbox = args.state.open()?;
    let (told, kept) = sandbox.with(|world, _| set(world, args.service.as_deref(), args.what));
    let told = told?;
    kept?;
    printer.line(&told).map_err(Failure::printing)?;
    Ok(ExitCode::SUCCESS)
}

fn set(world: &mut World, wanted: Option<&str>, what: What) -> Result<String, Fault> {
    let service = find(world.services(), wanted)?;
    let (fault, told) = match what {
        What::WrongName => (Some(SiteFault::WrongName), "has a certificate for another name"),
        What::Expired => (Some(SiteFault::Expired), "has a certificate that has expired"),
        What::BadGateway => (Some(SiteFault::BadGateway), "answers 502"),
        What::OtherSite => (Some(SiteFault::OtherSite), "shows the page of another site"),
        What::ConfigHost => (Some(SiteFault::ConfigHost), "names another host in its config.js"),
        What::NoBundles => (
            Some(SiteFault::NoBundles),
            "shows its front page in the place of its scripts",
        ),
        What::NoProsody => (
            Some(SiteFault::NoProsody),
            "answers 502 for http-bind and xmpp-websocket",
        ),
        What::NoWebsocket => (Some(SiteFault::NoWebsocket), "shows its front page at xmpp-websocket"),
        What::WrongSubprotocol => (
            Some(SiteFault::WrongSubprotocol),
            "agrees to another subprotocol than xmpp",
        ),
        What::NoAnonymous => (Some(SiteFault::NoAnonymous), "offers no login without an account"),
        What::Closed => (Some(SiteFault::Closed), "lets nobody in without a token"),
        What::NoJicofo => (Some(SiteFault::NoJicofo), "has nobody who looks after conferences"),
        What::Well => (None, "is well"),
    };
    world.set_site_fault(&service, fault)?;
    Ok(format!("the site of `{}` {told}", name_of(&service)))
}
