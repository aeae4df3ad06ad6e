//! How much memory the two Java processes may take.

use super::parts::{Jitsi, Part, Role, Setting};
use super::{Finding, Severity};
use crate::observation::TaskDefinition;

/// What the start scripts of jicofo and bridge give the heap where nothing is set, in MiB.
const DEFAULT: u32 = 3072;

struct Heap<'a> {
    part: &'a Part<'a>,
    variable: &'static str,
    mib: u32,
    given: bool,
}

/// Heaps that leave the task, or their container, no memory.
pub(super) fn beyond_memory(definition: &TaskDefinition, jitsi: &Jitsi<'_>) -> Option<Finding> {
    let sizes = [
        (Role::Jvb, "VIDEOBRIDGE_MAX_MEMORY"),
        (Role::Jicofo, "JICOFO_MAX_MEMORY"),
    ];
    let heaps = sizes
        .into_iter()
        .filter_map(|(role, variable)| heap(jitsi.get(role)?, variable));
    let heaps: Vec<Heap<'_>> = heaps.collect();
    let total: u32 = heaps.iter().map(|heap| heap.mib).fold(0, u32::saturating_add);
    let in_container = heaps
        .iter()
        .find(|heap| heap.part.container.memory.is_some_and(|memory| heap.mib >= memory));
    let (what, memory) = match (definition.memory, in_container) {
        (Some(memory), _) if total >= memory => (format!("the task's {memory}"), memory),
        (_, Some(heap)) => {
            let memory = heap.part.container.memory?;
            (format!("the {memory} of container `{}`", heap.part.name()), memory)
        }
        _ => return None,
    };
    let each = heaps.iter().map(|heap| {
        let by_default = if heap.given { "" } else { ", the default" };
        format!(
            "{} of `{}` is {}m{by_default}",
            heap.variable,
            heap.part.name(),
            heap.mib
        )
    });
    Some(Finding {
        code: "heap-beyond-memory",
        severity: Severity::Warning,
        sentence: format!(
            "Java may fill {what} MiB with its heaps: {}",
            each.collect::<Vec<_>>().join("; ")
        ),
        fix: format!("leave room for the rest of {memory} MiB: VIDEOBRIDGE_MAX_MEMORY=1024m, JICOFO_MAX_MEMORY=512m"),
        source: "jitsi/docker-jitsi-meet: start scripts of jvb and jicofo",
    })
}

fn heap<'a>(part: &'a Part<'a>, variable: &'static str) -> Option<Heap<'a>> {
    let (mib, given) = match part.setting(variable) {
        Setting::Unset => (DEFAULT, false),
        Setting::Is(value) => (mebibytes(value)?, true),
        Setting::Unknown => return None,
    };
    Some(Heap {
        part,
        variable,
        mib,
        given,
    })
}

/// A size as Java takes it: `3072m`, `3g`, a number of bytes.
fn mebibytes(text: &str) -> Option<u32> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text[..text.len() - unit.len()].parse().ok()?;
    let bytes = number.checked_mul(match unit.to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return None,
    })?;
    u32::try_from(bytes >> 20).ok()
}

#[cfg(test)]
mod tests {
    use super::mebibytes;

    #[test]
    fn heap_sizes_are_read_as_java_reads_them() {
        for (text, mib) in [
            ("3072m", Some(3072)),
            ("3G", Some(3072)),
            ("1048576k", Some(1024)),
            ("536870912", Some(512)),
            ("3 GB", None),
            ("m", None),
            ("", None),
            ("99999999999999999999g", None),
        ] {
            assert_eq!(mebibytes(text), mib, "{text}");
        }
    }
}
