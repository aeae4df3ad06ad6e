//! Port 4443, where bridges once took media over TCP.

use super::parts::{Jitsi, Role};
use super::{Finding, Severity, listed};
use crate::observation::TaskDefinition;
use crate::wanted::Wanted;

/// The port.
const PORT: u16 = 4443;

/// The first release whose bridge has no TCP.
const WITHOUT_TCP: u32 = 9646;

/// Who still sends to it, or declares it.
pub(super) fn nobody_listens(definition: &TaskDefinition, jitsi: &Jitsi<'_>, wanted: &Wanted) -> Option<Finding> {
    let bridge = jitsi
        .get(Role::Jvb)
        .filter(|bridge| bridge.releases().least >= WITHOUT_TCP)?;
    let declare = definition.containers.iter().filter(|container| {
        let mut ports = container.ports.iter();
        ports.any(|port| port.number == PORT && port.protocol == "tcp")
    });
    let declare: Vec<&str> = declare.map(|container| container.name.as_str()).collect();
    if declare.iter().any(|name| *name != bridge.name()) {
        // Somebody else does listen there.
        return None;
    }
    let to_it = |protocol: &str, port| matches!(protocol, "TCP" | "TLS") && port == PORT;
    let listeners = wanted.listeners.iter().filter(|l| to_it(&l.protocol, l.group.port));
    let listeners = listeners.map(|l| format!("{}:{}", l.protocol.to_lowercase(), l.port));
    let where_from: Vec<String> = listeners
        .chain(declare.iter().map(|name| format!("{name} {PORT}/tcp")))
        .collect();
    (!where_from.is_empty()).then(|| Finding {
        code: "tcp-4443",
        severity: Severity::Note,
        sentence: format!(
            "{} reaches nothing: the bridge takes no TCP since stable-{WITHOUT_TCP}",
            listed(where_from)
        ),
        fix: "take 4443 out of `nlb.listeners` and task definition; where UDP is blocked, a TURN server helps"
            .to_owned(),
        source: "jitsi/jitsi-videobridge 89dde6ea7, #2194",
    })
}
