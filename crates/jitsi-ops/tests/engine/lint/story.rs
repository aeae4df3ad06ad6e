//! The lint in a whole scale-up.

use aws_sdk_ecs::types::builders::ContainerDefinitionBuilder;
use jitsi_ops::scale_up::Outcome;

use crate::stage::{ACCOUNT, Stage, assert_outcome};

#[tokio::test(start_paused = true)]
async fn scale_up_tells_each_finding_once_and_goes_on() {
    let stage = Stage::new();
    stage
        .change_container("jvb", |container| {
            let variable = |name: &str, value: &str| {
                aws_sdk_ecs::types::KeyValuePair::builder()
                    .name(name)
                    .value(value)
                    .build()
            };
            container
                .environment(variable("JVB_ADVERTISE_IPS", "AUTO"))
                .environment(variable("JVB_AUTH_PASSWORD", "correct-horse"))
        })
        .await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let said = stage.said();
    for code in [
        "advertised-address",
        "secret-in-plain-text",
        "media-not-through-nlb",
        "tcp-4443",
    ] {
        let told = said
            .iter()
            .filter(|line| line.starts_with("warning: ") && line.contains(&format!("[{code}]")));
        assert_eq!(told.count(), 1, "{code}: {}", said.join("\n"));
    }
    assert_eq!(
        said.iter().filter(|line| line.starts_with("warning: ")).count(),
        3,
        "notes share a line"
    );
    assert!(!stage.has_said("correct-horse"), "a secret was told");
    assert!(!format!("{report:?}").contains("correct-horse"), "a secret was kept");
}

#[tokio::test(start_paused = true)]
async fn the_platform_of_the_sandbox_is_clean() {
    let listeners = "nlb.listeners = [\"tls:443->8000\"]\n\
                     nlb.certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"";
    let stage = Stage::configured(listeners);
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert!(!stage.has_said("warning"), "{}", stage.said().join("\n"));
}

impl Stage {
    /// Somebody deploys a task definition with one container changed.
    async fn change_container(
        &self,
        name: &str,
        change: impl Fn(ContainerDefinitionBuilder) -> ContainerDefinitionBuilder,
    ) {
        use aws_sdk_ecs::types::ContainerDefinition;
        let ecs = aws_sdk_ecs::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let family = format!("{}-task", self.spec.project);
        let described = ecs
            .describe_task_definition()
            .task_definition(&family)
            .send()
            .await
            .unwrap();
        let definition = described.task_definition().unwrap();
        let containers = definition.container_definitions().iter().map(|container| {
            if container.name() != Some(name) {
                return container.clone();
            }
            let copy = ContainerDefinition::builder()
                .name(name)
                .set_image(container.image().map(str::to_owned))
                .set_essential(container.essential())
                .set_port_mappings(Some(container.port_mappings().to_vec()))
                .set_health_check(container.health_check().cloned())
                .set_secrets(Some(container.secrets().to_vec()))
                .set_log_configuration(container.log_configuration().cloned());
            change(copy).build()
        });
        ecs.register_task_definition()
            .family(&family)
            .set_container_definitions(Some(containers.collect()))
            .set_network_mode(definition.network_mode().cloned())
            .set_requires_compatibilities(Some(definition.requires_compatibilities().to_vec()))
            .set_cpu(definition.cpu().map(str::to_owned))
            .set_memory(definition.memory().map(str::to_owned))
            .set_execution_role_arn(definition.execution_role_arn().map(str::to_owned))
            .set_task_role_arn(definition.task_role_arn().map(str::to_owned))
            .send()
            .await
            .unwrap();
        ecs.update_service()
            .cluster(&self.wanted.cluster)
            .service(&self.wanted.service)
            .task_definition(&family)
            .send()
            .await
            .unwrap();
        self.mark();
    }
}
