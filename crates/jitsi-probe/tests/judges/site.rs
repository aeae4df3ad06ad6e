//! A Jitsi site of real parts: nginx and prosody on a loopback address of their own, set up as docker-jitsi-meet does it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use data_encoding::BASE64;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{Timestamp, ToSpan};
use jitsi_probe::{
    Addresses, Climb, Ladder, Network, ProbeRoom, Reception, Report, ResolveError, Roots, Stream, Token, Visit, climb,
    probe, reception,
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::authority::{Authority, Chain, DOMAIN};
use crate::jicofo::{Jicofo, READY};
use crate::process::{PATIENCE, Process};

/// Where nginx listens, as in jitsi/web: no port that only root may take.
const HTTPS: u16 = 8443;
/// Where nginx listens for visitors without TLS.
const PLAIN: u16 = 8000;
/// Where prosody listens for HTTP.
const HTTP: u16 = 5280;
/// Where prosody listens for components.
const COMPONENT: u16 = 5347;

/// So many bytes Jitsi's scripts have, about.
const LIBRARY: usize = 900_000;
const APP: usize = 4_000_000;

/// What a site is made of, before it is started.
pub(crate) struct Plan {
    /// By their paths in the site's folder.
    files: BTreeMap<&'static str, String>,
    /// From when and until when its certificate is valid, in hours from now.
    valid: (i64, i64),
    prosody: bool,
    jicofo: Option<&'static str>,
}

impl Plan {
    /// Everything is in order, and strangers may come.
    pub(crate) fn good() -> Self {
        let files = BTreeMap::from([
            ("config.js", include_str!("site/config.js").to_owned()),
            ("nginx.conf", include_str!("site/nginx.conf").to_owned()),
            (
                "plugins/mod_auth_closed.lua",
                include_str!("site/plugins/mod_auth_closed.lua").to_owned(),
            ),
            ("prosody.cfg.lua", include_str!("site/prosody.cfg.lua").to_owned()),
            ("web/base.html", include_str!("site/web/base.html").to_owned()),
            ("web/index.html", include_str!("site/web/index.html").to_owned()),
            (
                "web/libs/app.bundle.min.js",
                format!("\"use strict\";{}\n", ";".repeat(APP)),
            ),
            (
                "web/libs/external_api.min.js",
                include_str!("site/web/libs/external_api.min.js").to_owned(),
            ),
            (
                "web/libs/lib-jitsi-meet.min.js",
                format!("\"use strict\";{}\n", ";".repeat(LIBRARY)),
            ),
            ("web/title.html", include_str!("site/web/title.html").to_owned()),
        ]);
        Self {
            files,
            valid: (-24, 30 * 24),
            prosody: true,
            jicofo: Some(READY),
        }
    }

    /// With something else in a file, wherever it stands.
    pub(crate) fn with(mut self, file: &str, instead_of: &str, put: &str) -> Self {
        let text = self.files.get_mut(file).unwrap();
        assert!(text.contains(instead_of), "`{instead_of}` is not in {file}");
        *text = text.replace(instead_of, put);
        self
    }

    /// Another way to log in at the domain of `config.hosts.domain`; strangers of the guests' domain are as they were.
    pub(crate) fn login(self, how: &str) -> Self {
        let host = "VirtualHost \"meet.jitsi\"\n    authentication = ";
        self.with(
            "prosody.cfg.lua",
            &format!("{host}\"anonymous\""),
            &format!("{host}{how}"),
        )
    }

    /// Strangers are kept out by tokens of this issuer.
    pub(crate) fn closed(self, id: &str, secret: &str) -> Self {
        let options = format!("app_id = \"{id}\"\n    app_secret = \"{secret}\"");
        self.login(&format!("\"closed\"\n    {options}"))
    }

    /// Its certificate has expired an hour ago.
    pub(crate) fn expired(mut self) -> Self {
        self.valid = (-48, -1);
        self
    }

    pub(crate) fn without_prosody(mut self) -> Self {
        self.prosody = false;
        self
    }

    pub(crate) fn jicofo(mut self, answer: Option<&'static str>) -> Self {
        self.jicofo = answer;
        self
    }

    /// Starts it, and waits until all of it is there.
    pub(crate) async fn start(self) -> Site {
        let (folder, address) = (tempfile::tempdir().unwrap(), address());
        let path = folder.path();
        let (authority, now) = (Authority::new(), Timestamp::now());
        let (from, until) = self.valid;
        let Chain { certificates, key } = authority.issue(&[DOMAIN], now + from.hours(), now + until.hours());
        for name in ["certs", "data", "plugins", "temp", "web/libs"] {
            fs::create_dir_all(path.join(name)).unwrap();
        }
        for (name, text) in self.files {
            let text = text.replace("FOLDER", path.to_str().unwrap());
            let text = text.replace("ADDRESS", &address.to_string());
            fs::write(path.join(name), text.replace("SITE", &format!("{DOMAIN}:{HTTPS}"))).unwrap();
        }
        fs::write(path.join("certificate.pem"), pem("CERTIFICATE", &certificates[0])).unwrap();
        fs::write(path.join("key.pem"), pem("PRIVATE KEY", key.secret_der())).unwrap();
        let at = |port| SocketAddr::new(IpAddr::V4(address), port);
        let (mut prosody, mut jicofo) = (None, None);
        if self.prosody {
            let config = path.join("prosody.cfg.lua");
            let arguments = ["-F", "--config", config.to_str().unwrap()];
            prosody = Some(Process::start("prosody", &arguments, path, &[at(HTTP), at(COMPONENT)]).await);
            if let Some(answer) = self.jicofo {
                jicofo = Some(Jicofo::connect(at(COMPONENT), answer).await);
            }
        }
        let config = path.join("nginx.conf");
        let log = path.join("nginx.log");
        let arguments = ["-e", log.to_str().unwrap(), "-c", config.to_str().unwrap()];
        let nginx = Process::start("nginx", &arguments, path, &[at(HTTPS), at(PLAIN)]).await;
        Site {
            jicofo,
            nginx,
            prosody,
            folder,
            address,
            roots: authority.roots(),
            now,
        }
    }
}

/// A site that is there until this value goes.
pub(crate) struct Site {
    jicofo: Option<Jicofo>,
    nginx: Process,
    prosody: Option<Process>,
    folder: TempDir,
    address: Ipv4Addr,
    roots: Roots,
    now: Timestamp,
}

impl Site {
    /// A climb of it by a stranger, who has every reason to come.
    pub(crate) fn climb(&self) -> Climb {
        Climb {
            visit: self.visit(),
            room: ProbeRoom::random(),
            token: None,
            closed: false,
        }
    }

    /// What becomes of that.
    pub(crate) async fn climbed(&self, climb: &Climb) -> Ladder {
        let ladder = self::climb(self, climb).await;
        assert_eq!(ladder.rungs.len(), 5, "{ladder:?}");
        ladder
    }

    pub(crate) async fn climbed_by_a_stranger(&self) -> Ladder {
        self.climbed(&self.climb()).await
    }

    pub(crate) async fn climbed_with(&self, token: Token, room: ProbeRoom) -> Ladder {
        let climb = Climb {
            room,
            token: Some(token),
            closed: true,
            ..self.climb()
        };
        self.climbed(&climb).await
    }

    pub(crate) async fn probed(&self) -> Report {
        probe(self, &self.visit()).await
    }

    pub(crate) async fn received(&self) -> Reception {
        reception(self, &self.visit()).await
    }

    /// The rooms for which jicofo was asked.
    pub(crate) fn rooms(&self) -> Vec<String> {
        self.jicofo.as_ref().map(Jicofo::rooms).unwrap_or_default()
    }

    /// The requests that have come to nginx, one line for each, at its end.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        log.lines().map(str::to_owned).collect()
    }

    /// All that nginx and prosody have written down.
    pub(crate) fn logs(&self) -> String {
        let prosody = self.prosody.as_ref().map(Process::log).unwrap_or_default();
        self.requests().join("\n") + &self.nginx.log() + &prosody
    }

    /// Waits until this has been written down; what happens at the end of a climb may be after its end.
    pub(crate) async fn written_down(&self, text: &str) {
        let begun = Instant::now();
        while !self.logs().contains(text) {
            assert!(
                begun.elapsed() < PATIENCE,
                "nobody has written down `{text}`:\n{}",
                self.logs()
            );
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    fn visit(&self) -> Visit {
        let mut visit = Visit::of(DOMAIN, self.roots.clone(), self.now);
        visit.port = HTTPS;
        visit
    }
}

impl Network for Site {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        let address = match name {
            DOMAIN => Ok(Addresses::from(vec![IpAddr::V4(self.address)])),
            _ => Err(ResolveError::NoSuchName),
        };
        std::future::ready(address).boxed()
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        async move {
            let port = if address.port() == 80 { PLAIN } else { address.port() };
            let stream = TcpStream::connect((address.ip(), port)).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        }
        .boxed()
    }
}

/// A loopback address that no other test has, so that each site has all of its ports. Linux has 16 million of them.
fn address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, NEXT.fetch_add(1, Ordering::Relaxed), high, low)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
