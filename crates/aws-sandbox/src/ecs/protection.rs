//! Task protection: a task that carries a call says so, and the scheduler spares it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::lifecycle::{TaskStep, plan};
use super::names::{arn, cluster, cluster_key, invalid, member_key, service};
use super::tasks::{Lapse, Task, still_described};
use super::{Cluster, task_mut};
use crate::clock::{MINUTE, Ms};
use crate::wire::json::put_time;
use crate::wire::{ApiError, Caller, json};
use crate::world::{Place, World};

/// Two hours, unless another expiry is given.
const DEFAULT_MINUTES: i64 = 120;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UpdateTaskProtection {
    cluster: Option<String>,
    tasks: Vec<String>,
    protection_enabled: Option<bool>,
    expires_in_minutes: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct GetTaskProtection {
    cluster: Option<String>,
    tasks: Vec<String>,
}

/// UpdateTaskProtection: at most ten tasks. Tasks that cannot be protected are `failures`.
pub(super) fn update(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: UpdateTaskProtection = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    let enabled = input
        .protection_enabled
        .ok_or_else(|| invalid("protectionEnabled must be given."))?;
    let minutes = input.expires_in_minutes.unwrap_or(DEFAULT_MINUTES);
    if !(1..=2_880).contains(&minutes) {
        return Err(invalid("expiresInMinutes must be between 1 and 2880."));
    }
    if input.tasks.is_empty() || input.tasks.len() > 10 {
        return Err(invalid("Number of tasks must be between 1 and 10."));
    }
    cluster(world.region(&caller.place), &key)?;
    let (mut protected, mut failures) = (Vec::new(), Vec::new());
    for given in &input.tasks {
        let id = member_key(given, "task", caller)?;
        match refusal(world, &caller.place, &key, &id, enabled)? {
            Some((reason, detail)) => failures.push(failure(caller, &key, &id, reason, detail)),
            None => {
                if enabled {
                    protect(world, &caller.place, &key, &id, caller.now + minutes * MINUTE);
                } else {
                    let lapse = Lapse {
                        at: caller.now,
                        lifted: true,
                        call: caller.call,
                    };
                    lift(world, &caller.place, &key, &id, Some(lapse));
                }
                let task = task_mut(world, &caller.place, &key, &id);
                protected.extend(task.map(|task| view(task, caller.now)));
            }
        }
    }
    Ok(json!({ "protectedTasks": protected, "failures": failures }))
}

/// GetTaskProtection: at most a hundred tasks, or all of the cluster's services.
pub(super) fn get(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: GetTaskProtection = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    if input.tasks.len() > 100 {
        return Err(invalid("Number of tasks must be between 1 and 100."));
    }
    let found = cluster(world.region(&caller.place), &key)?;
    let ids: Vec<String> = if input.tasks.is_empty() {
        found
            .tasks
            .values()
            .filter(|task| task.wanted() && task.service.is_some())
            .map(|task| task.id.clone())
            .collect()
    } else {
        let ids = input.tasks.iter().map(|given| member_key(given, "task", caller));
        ids.collect::<Result<_, _>>()?
    };
    let (mut protected, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        let refused = if unreadable(world, &caller.place, &key, &id) {
            Some(MISSING)
        } else {
            refusal(world, &caller.place, &key, &id, false)?
        };
        match refused {
            Some((reason, detail)) => failures.push(failure(caller, &key, &id, reason, detail)),
            None => {
                let task = task_mut(world, &caller.place, &key, &id);
                protected.extend(task.map(|task| view(task, caller.now)));
            }
        }
    }
    Ok(json!({ "protectedTasks": protected, "failures": failures }))
}

/// Why ECS says nothing of, or does not protect, a task: reason and detail.
type Refusal = (&'static str, &'static str);

/// # Errors
/// Where cluster or service do not exist.
fn refusal(world: &mut World, place: &Place, key: &str, id: &str, enabling: bool) -> Result<Option<Refusal>, ApiError> {
    let described = world.profile.stopped_task_described;
    let now = world.now_ms();
    let region = world.region(place);
    let cluster = cluster(region, key)?;
    let Some(task) = cluster
        .tasks
        .get(id)
        .filter(|task| still_described(task, now, described))
    else {
        return Ok(Some(MISSING));
    };
    let Some(name) = task.service.as_deref().filter(|_| task.wanted()) else {
        return Ok(Some((
            "TASK_NOT_VALID",
            "The specified task is not valid for task protection.",
        )));
    };
    let service = service(region, key, name)?;
    let blocked = enabling && more_protected_than_desired(cluster, name, service.desired, now);
    Ok(blocked.then_some((
        "DEPLOYMENT_BLOCKED",
        "The service has more protected tasks than the desired count of tasks.",
    )))
}

const MISSING: Refusal = ("MISSING", "The specified task was not found.");

fn more_protected_than_desired(cluster: &Cluster, service: &str, desired: u32, now: Ms) -> bool {
    let protected = super::services::tasks_of(cluster, service).filter(|task| task.wanted() && task.protected(now));
    protected.count() as u32 > desired
}

/// Whether a test wants nothing to be told of a task's protection.
fn unreadable(world: &mut World, place: &Place, key: &str, id: &str) -> bool {
    let service = task_mut(world, place, key, id).and_then(|task| task.service.clone());
    let arn = service.map(|name| arn(place, "service", &format!("{key}/{name}")));
    arn.is_some_and(|arn| world.behaviour.protection_unreadable.contains(&arn))
}

/// Protects a task for a while, as its sentinel does through the agent, and says whether ECS did.
pub(super) fn renew(world: &mut World, place: &Place, key: &str, id: &str, lasting: Ms) -> bool {
    let allowed = matches!(refusal(world, place, key, id, true), Ok(None));
    if allowed {
        let until = world.now_ms() + lasting;
        protect(world, place, key, id, until);
    }
    allowed
}

fn protect(world: &mut World, place: &Place, key: &str, id: &str, until: Ms) {
    if let Some(task) = task_mut(world, place, key, id) {
        task.protected_until = Some(until);
        task.lapse = None;
        plan(world, place, key, id, until, TaskStep::ProtectionEnds);
    }
}

/// Takes a task's protection away; `lapse`: how, unless it was its own sentinel.
pub(super) fn lift(world: &mut World, place: &Place, key: &str, id: &str, lapse: Option<Lapse>) {
    if let Some(task) = task_mut(world, place, key, id) {
        task.protected_until = None;
        task.lapse = lapse;
        let service = task.service.clone();
        super::scheduler::look_soon(world, place, key, service.as_deref());
    }
}

fn view(task: &mut Task, now: Ms) -> Value {
    let mut view = Map::new();
    view.insert("taskArn".to_owned(), task.arn.as_str().into());
    view.insert("protectionEnabled".to_owned(), task.protected(now).into());
    put_time(
        &mut view,
        "expirationDate",
        task.protected_until.filter(|until| now < *until),
    );
    Value::Object(view)
}

fn failure(caller: &Caller, cluster: &str, id: &str, reason: &str, detail: &str) -> Value {
    let arn = arn(&caller.place, "task", &format!("{cluster}/{id}"));
    json!({ "arn": arn, "reason": reason, "detail": detail })
}
