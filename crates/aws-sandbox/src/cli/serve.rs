//! `aws-sandbox serve`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use super::printer::Printer;
use super::{Failure, speed};
use crate::platform::PlatformSpec;
use crate::sandbox::Sandbox;
use crate::state_file::speed_from_env;
use crate::world::{DEFAULT_ACCOUNT, DEFAULT_REGION, Place, World};

/// What is served, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address to listen on. There is no authentication: leave it as it is unless you know who can reach it
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// How much faster than real time its clock runs, 0.1 to 100000 [default: $AWS_SANDBOX_SPEED, else 60]
    #[arg(long, value_parser = speed)]
    speed: Option<f64>,
    /// Keep the world in this file, and share it with other processes; without it the world ends with this process
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Begin without the Jitsi platform
    #[arg(long, conflicts_with = "state")]
    empty: bool,
}

/// Serves until SIGTERM or Ctrl-C.
pub(super) fn serve(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Failure::Io {
        doing: "cannot start",
        source,
    })?;
    runtime.block_on(listen(args, printer))
}

async fn listen(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let speed = args.speed.map_or_else(speed_from_env, Ok)?;
    let sandbox = match &args.state {
        Some(state) => Sandbox::open(state, speed)?,
        None if args.empty => Sandbox::with_speed(World::new(), speed),
        None => Sandbox::with_speed(World::with_platform(&PlatformSpec::default()), speed),
    };
    let failed = |source| Failure::Io {
        doing: "cannot listen",
        source,
    };
    let server = crate::server::serve(sandbox.clone(), SocketAddr::new(args.address, args.port)).await;
    let server = server.map_err(failed)?;
    let end = end_of_service().map_err(failed)?;
    printer
        .line(&server.url().map_err(failed)?)
        .map_err(Failure::printing)?;
    printer.note(&format!(
        "clock at {}x; access keys of 12 digits are accounts, others are {DEFAULT_ACCOUNT}",
        sandbox.speed()
    ));
    printer.note(&network_of(&sandbox));
    tokio::select! {
        never = server.run() => match never {},
        () = end => Ok(ExitCode::SUCCESS),
    }
}

/// There is no EC2 here: who sets up a platform over the wire learns of its network from this line.
fn network_of(sandbox: &Sandbox) -> String {
    let place = Place {
        account: DEFAULT_ACCOUNT.to_owned(),
        region: DEFAULT_REGION.to_owned(),
    };
    sandbox.world(|world| {
        let network = &world.region(&place).network;
        let subnets: Vec<String> = network
            .subnets
            .iter()
            .map(|subnet| format!("{} ({})", subnet.id, subnet.zone))
            .collect();
        let groups = network.security_groups.join(", ");
        format!(
            "network of {DEFAULT_REGION}: {}, subnets {}, security group {groups}",
            network.vpc,
            subnets.join(", ")
        )
    })
}

/// Resolves at SIGTERM or Ctrl-C.
#[cfg(unix)]
fn end_of_service() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn end_of_service() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
