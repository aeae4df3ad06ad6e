//! The tasks of the service, and whether somebody is in a meeting.

use aws_sdk_ecs::types::DesiredStatus;

use crate::access::Aws;
use crate::clock::Clock;
use crate::failure::AwsFailure;
use crate::guard::GuardReading;
use crate::observation::{Observation, Service, Task};
use crate::observe::{ecs, guard};
use crate::reading::Reading;
use crate::wanted::Wanted;

pub(super) struct Tasks {
    pub(super) tasks: Reading<Vec<Task>>,
    pub(super) guard: Option<GuardReading>,
}

/// Those that are meant to run, and the guard about them; beside them those that stop or have stopped lately, unless the
/// service has all that it asks for. Of a task that ECS has told to stop no guard can keep it, so it is not asked about.
pub(super) async fn tasks(
    aws: &Aws,
    wanted: &Wanted,
    clock: &Clock,
    service: impl Future<Output = Reading<Service>>,
) -> Tasks {
    let listed = ecs::list(aws, wanted, DesiredStatus::Running);
    let (listed, service) = futures_util::join!(listed, service);
    let listed = match listed {
        Ok(listed) => listed,
        Err(failure) => {
            let tasks = Reading::Unknown(failure);
            return Tasks { tasks, guard: None };
        }
    };
    let current = async {
        let mut part = Observation {
            tasks: ecs::describe(aws, wanted, &listed).await.into(),
            aws_at: aws.time_at_aws(clock.awake_or_asleep()),
            ..Observation::default()
        };
        part.guard = guard::guard(aws, wanted, clock, &part).await;
        part
    };
    let ending = async {
        if is_settled(&service, listed.len()) {
            return Ok(Vec::new());
        }
        let stopped = ecs::list(aws, wanted, DesiredStatus::Stopped).await?;
        let others: Vec<String> = stopped.into_iter().filter(|arn| !listed.contains(arn)).collect();
        ecs::describe(aws, wanted, &others).await
    };
    let (current, ending): (_, Result<Vec<Task>, AwsFailure>) = futures_util::join!(current, ending);
    let tasks = match (current.tasks, ending) {
        (Reading::Here(mut tasks), Ok(ending)) => {
            tasks.extend(ending);
            tasks.sort_by(|a, b| (a.created_at, &a.arn).cmp(&(b.created_at, &b.arn)));
            Reading::Here(tasks)
        }
        (Reading::Here(_), Err(failure)) => Reading::Unknown(failure),
        (unknown, _) => unknown,
    };
    Tasks {
        tasks,
        guard: current.guard,
    }
}

/// Whether the service runs all that it asks for, and that is something.
fn is_settled(service: &Reading<Service>, listed: usize) -> bool {
    service.here().is_some_and(|service| {
        let asked = service.desired as usize;
        asked > 0 && service.running as usize == asked && service.pending == 0 && listed == asked
    })
}
