//! From flags to a platform and a way to AWS: the configuration is found, the sandbox wired, the clock set.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sandbox::Sandbox;
use jitsi_config::{Platform, Surroundings, Warning, shell_quote};
use jitsi_cost::PriceBook;
use jitsi_ops::access::AccessSettings;
use jitsi_ops::clock::Clock;
use jitsi_ops::problem::Problem;
use jitsi_ops::wanted::Further;

use crate::args::CommonArgs;
use crate::fault;
use crate::prices;
use crate::printer::Printer;
use crate::rehearsal;

/// What `--sandbox` alone works on: the names that the sandbox's own platform has, with a site that its own probes can
/// visit. `None`: the region that is built in.
pub fn sandbox_configuration(region: Option<&str>) -> String {
    let certificate_region = region.unwrap_or("us-west-2");
    let region = region.map_or_else(String::new, |region| format!("aws_region = {region:?}\n"));
    format!(
        "[profiles.sandbox]\n\
         domain = \"meet.sandbox.example\"\n\
         {region}\
         [profiles.sandbox.nlb]\n\
         listeners = [\"udp:10000\", \"tls:443->8000\"]\n\
         certificate_arn = \"arn:aws:acm:{certificate_region}:123456789012:certificate/00000000-0000-4000-8000-000000000443\"\n\
         [profiles.sandbox.dns]\n\
         hosted_zone_id = \"Z0SANDBOX\"\n"
    )
}

/// What a command works with.
#[derive(Debug)]
pub struct Context {
    /// The platform.
    pub platform: Platform,
    /// The way to AWS.
    pub access: AccessSettings,
    /// Real time, or the sandbox's.
    pub clock: Clock,
    /// The sandbox's state file, where this is the sandbox.
    pub sandbox_file: Option<PathBuf>,
    /// The sandbox itself.
    pub sandbox: Option<Sandbox>,
    /// How to go on from outside, for messages.
    pub further: Further,
    /// What things cost.
    pub prices: Arc<PriceBook>,
    /// What is wrong with the configuration's prices.
    pub prices_problem: Option<Problem>,
    /// Where to write.
    pub printer: Arc<Printer>,
}

impl Context {
    /// Finds the configuration and prepares the way to AWS that `args` ask for. Nothing is called yet.
    ///
    /// # Errors
    /// Every mistake of the configuration at once, or a sandbox state that cannot be used.
    pub fn new(args: &CommonArgs, printer: Arc<Printer>) -> Result<Self, Problem> {
        Self::of(platform(args, &printer)?, args, printer)
    }

    /// Prepares the way to AWS that `args` ask for, for this platform.
    ///
    /// # Errors
    /// A sandbox state that cannot be used.
    pub fn of(platform: Platform, args: &CommonArgs, printer: Arc<Printer>) -> Result<Self, Problem> {
        let mut access = AccessSettings {
            region: platform.region.to_string(),
            aws_profile: platform.aws_profile.as_ref().map(ToString::to_string),
            dns_profile: platform
                .dns
                .as_ref()
                .and_then(|dns| dns.aws_profile.as_ref())
                .map(ToString::to_string),
            endpoint_url: args.endpoint_url.clone(),
            transport: None,
            steady_retries: false,
        };
        let mut clock = Clock::real();
        let (mut state, mut in_process) = (None, None);
        if args.sandbox {
            let sandbox = rehearsal::open(&platform)?;
            printer.detail(&format!(
                "sandbox: state in {}, clock {}x",
                sandbox.state.display(),
                sandbox.speed
            ));
            access.aws_profile = None;
            if args.platform.name_a_configuration() {
                printer.progress(&made_up(&platform));
            }
            state = Some(sandbox.state);
            in_process = Some(sandbox.sandbox);
            access.transport = Some(sandbox.transport);
            clock = sandbox.clock;
        }
        let keys = access.transport.is_none() && std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
        if let Some(profile) = access.aws_profile.as_ref().filter(|_| keys) {
            printer.progress(&format!(
                "note: AWS_ACCESS_KEY_ID is set but not used: the AWS profile `{profile}` is configured"
            ));
        }
        let further = further(args);
        let (prices, prices_problem) = prices::book(&platform, &printer);
        Ok(Self {
            platform,
            access,
            clock,
            sandbox_file: state,
            sandbox: in_process,
            further,
            prices: Arc::new(prices),
            prices_problem,
            printer,
        })
    }
}

/// Every platform of the configuration that the flags mean.
///
/// # Errors
/// Every mistake of the configuration at once.
pub fn platforms(args: &CommonArgs, printer: &Printer) -> Result<Vec<Platform>, Problem> {
    if args.sandbox && !args.platform.name_a_configuration() {
        return Ok(vec![platform(args, printer)?]);
    }
    let all = jitsi_config::load_all(&args.platform.flags(), &Surroundings::of_this_process());
    let all = all.map_err(|error| {
        tell(&error.warnings, printer);
        fault::from_config(&error)
    })?;
    tell(&all.warnings, printer);
    Ok(all.platforms)
}

/// The platform that the flags mean.
///
/// # Errors
/// Every mistake of the configuration at once.
pub fn platform(args: &CommonArgs, printer: &Printer) -> Result<Platform, Problem> {
    let configuration = if args.sandbox && !args.platform.name_a_configuration() {
        // A name that is no region is told as a mistake of this text.
        let text = sandbox_configuration(args.platform.region.as_deref());
        jitsi_config::load_text(Path::new("built-in sandbox configuration"), &text, None)
    } else {
        jitsi_config::load(&args.platform.flags(), &Surroundings::of_this_process())
    };
    let configuration = configuration.map_err(|error| {
        tell(&error.warnings, printer);
        fault::from_config(&error)
    })?;
    tell(&configuration.warnings, printer);
    match &configuration.file {
        Some(file) => printer.detail(&format!("configuration: {}", file.display())),
        None => printer.detail("configuration: from the environment"),
    }
    Ok(configuration.platform)
}

/// What a rehearsal cannot show: the sandbox has all that the configuration names.
fn made_up(platform: &Platform) -> String {
    let bucket = platform
        .bucket
        .as_ref()
        .map_or_else(String::new, |bucket| format!(", bucket {bucket}"));
    format!(
        "rehearsal: the sandbox has made up cluster {}, service {}{bucket}; whether AWS has them is not tested",
        platform.cluster_name, platform.service_name
    )
}

/// The flags that lead to the same platform again.
fn further(args: &CommonArgs) -> Further {
    let given = &args.platform;
    let path = |path: &Option<PathBuf>| path.as_ref().map(|p| p.display().to_string());
    let own = [
        ("--profile", given.profile.clone()),
        ("--config", path(&given.config)),
        ("--ops-dir", path(&given.ops_dir)),
        ("--aws-profile", given.aws_profile.clone()),
        ("--region", given.region.clone()),
        ("--endpoint-url", args.endpoint_url.clone()),
    ];
    let line = |flags: &[(&str, Option<String>)]| -> String {
        flags
            .iter()
            .filter_map(|(flag, value)| Some(format!(" {flag} {}", shell_quote(value.as_ref()?))))
            .collect()
    };
    let sandbox = if args.sandbox { " --sandbox" } else { "" };
    Further {
        flags: format!("{sandbox}{}", line(&own)),
    }
}

/// Prints what was noticed in the configuration.
pub fn tell(warnings: &[Warning], printer: &Printer) {
    for warning in warnings {
        printer.warning(&warning.message, warning.hint.as_deref());
    }
}
