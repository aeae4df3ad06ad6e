//! What a visitor of a platform meets: whether anybody takes a connection to an address, and what is wrong with the site
//! behind it. The site itself (TLS, HTTP) is not here.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{Region, Unknown, World};
use crate::ecs;
use crate::elbv2::{Listener, LoadBalancer, TargetGroup, TargetState};

/// What is wrong with the site of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteFault {
    /// Its certificate is for another name.
    WrongName,
    /// Its certificate has expired.
    Expired,
    /// It answers 502.
    BadGateway,
    /// It shows the page of another site.
    OtherSite,
    /// Its `config.js` names another host.
    ConfigHost,
    /// Its scripts are answered with the front page, as files are that are missing behind a catch-all.
    NoBundles,
    /// Nobody answers behind its web server: BOSH and websocket give 502.
    NoProsody,
    /// Its web server does not pass the websocket on, and shows the front page there.
    NoWebsocket,
    /// Its websocket agrees to another subprotocol than XMPP's.
    WrongSubprotocol,
    /// Nobody may log in without an account.
    NoAnonymous,
    /// Nobody may log in without a token.
    Closed,
    /// A conference that is asked for is refused, because nobody looks after conferences.
    NoJicofo,
}

/// What becomes of a connection to an address and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serving {
    /// Nobody has the address, or the load balancer has no listener there: no answer ever comes.
    Silence,
    /// There is a listener, and no healthy target that could take the connection.
    Refusal,
    /// A task takes it.
    Site {
        /// The ARN of its service.
        service: String,
        /// Whether TLS is spoken: by the load balancer, or by the task on one of its ports for it.
        tls: bool,
        /// Whether it is the task that does: on other ports its web server does not know that a visitor comes over TLS.
        tls_by_task: bool,
        /// What is wrong with the site.
        fault: Option<SiteFault>,
    },
}

/// The ports on which Jitsi's web server speaks TLS itself, of older and newer images. On all others it is plain HTTP.
const TLS_PORTS: [u16; 2] = [443, 8443];

impl World {
    /// What becomes of a TCP connection to this address and port now. A load balancer takes connections from when it is
    /// active, on the ports of its listeners (not of those for UDP), while a target behind them is healthy and answers: in the
    /// zone of the address or, with cross-zone load balancing, anywhere.
    pub fn serves(&self, address: IpAddr, port: u16) -> Serving {
        let address = address.to_string();
        let regions = self.accounts.values().flat_map(|account| account.regions.values());
        let found = regions.into_iter().find_map(|region| {
            let (balancer, zone) = region.elbv2.balancer_at(&address)?;
            Some((region, balancer, zone))
        });
        let Some((region, balancer, zone)) = found else {
            return Serving::Silence;
        };
        let mut listeners = region.elbv2.listeners.iter();
        let listener = listeners.find(|it| it.load_balancer == balancer.arn && it.port == port && it.protocol != "UDP");
        match listener {
            None => Serving::Silence,
            Some(listener) => self
                .site_behind(region, balancer, zone, listener)
                .unwrap_or(Serving::Refusal),
        }
    }

    fn site_behind(
        &self,
        region: &Region,
        balancer: &LoadBalancer,
        zone: &str,
        listener: &Listener,
    ) -> Option<Serving> {
        let mut groups = region.elbv2.target_groups.iter();
        let group = groups.find(|group| listener.forwards_to(&group.arn))?;
        let anywhere = crosses_zones(balancer, group);
        let targets = group.targets.iter().filter(|target| {
            target.state == TargetState::Healthy && (anywhere || target.zone.as_deref() == Some(zone))
        });
        let mut served =
            targets.filter_map(|target| Some((target, ecs::service_answering_at(region, &target.key.id)?)));
        let (target, service) = served.next()?;
        let tls_by_task = TLS_PORTS.contains(&target.key.port);
        Some(Serving::Site {
            tls: listener.protocol == "TLS" || tls_by_task,
            tls_by_task,
            fault: self.behaviour.site_faults.get(service).copied(),
            service: service.to_owned(),
        })
    }

    /// Plants a fault in the site of a service, in the place of the one that was there; `None` makes it well again.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn set_site_fault(&mut self, service: &str, fault: Option<SiteFault>) -> Result<(), Unknown> {
        self.address_of(service)?;
        match fault {
            Some(fault) => self.behaviour.site_faults.insert(service.to_owned(), fault),
            None => self.behaviour.site_faults.remove(service),
        };
        Ok(())
    }
}

const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";

/// Whether targets of other zones count. A target group's own word goes before the load balancer's.
fn crosses_zones(balancer: &LoadBalancer, group: &TargetGroup) -> bool {
    let own = group.attributes.get(CROSS_ZONE).map(String::as_str);
    match own {
        Some("true") => true,
        Some("false") => false,
        _ => balancer.attributes.get(CROSS_ZONE).is_some_and(|it| it == "true"),
    }
}
