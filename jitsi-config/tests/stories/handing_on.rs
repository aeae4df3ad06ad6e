//! The configuration for shells and for Terraform.

use jitsi_config::{environment_assignments, shell_quote, terraform_assignments};

use crate::scene::Scene;

const TEXT: &str =
    "[defaults]\ndomain = \"meet.example.org\"\naws_profile = \"jitsi hosting\"\nproject_name = \"club\"\n";

fn lines(assignments: &[(String, String)]) -> String {
    let lines: Vec<String> = assignments
        .iter()
        .map(|(name, value)| format!("{name}={}", shell_quote(value)))
        .collect();
    lines.join("\n")
}

#[test]
fn the_environment_gets_the_original_s_eight_variables_with_the_values_in_use() {
    insta::assert_snapshot!(lines(&environment_assignments(&Scene::toml(TEXT).platform())), @r"
        JITSI_DOMAIN=meet.example.org
        JITSI_AWS_PROFILE='jitsi hosting'
        JITSI_AWS_REGION=us-west-2
        JITSI_PROJECT=club
        JITSI_ENVIRONMENT=prod
        JITSI_CLUSTER=club-cluster
        JITSI_SERVICE=club-service
        JITSI_NLB=club-jvb-nlb
        ");
}

#[test]
fn terraform_gets_them_by_the_names_of_the_keys() {
    insta::assert_snapshot!(lines(&terraform_assignments(&Scene::toml(TEXT).platform())), @r"
        TF_VAR_domain=meet.example.org
        TF_VAR_aws_profile='jitsi hosting'
        TF_VAR_aws_region=us-west-2
        TF_VAR_project_name=club
        TF_VAR_environment=prod
        TF_VAR_cluster_name=club-cluster
        TF_VAR_service_name=club-service
        TF_VAR_nlb_name=club-jvb-nlb
        ");
}

#[test]
fn what_was_handed_on_gives_the_same_platform_again() {
    let first = Scene::toml(TEXT).platform();
    let mut scene = Scene::new();
    for (name, value) in environment_assignments(&first) {
        scene = scene.variable(&name, &value);
    }
    let second = scene.platform();
    assert_eq!(environment_assignments(&second), environment_assignments(&first));
    assert_eq!(second.nlb_name, first.nlb_name);
}

#[test]
fn an_absent_aws_profile_is_handed_on_as_an_empty_variable_which_clears_an_older_one() {
    let platform = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n").platform();
    let assignments = environment_assignments(&platform);
    assert!(assignments.contains(&("JITSI_AWS_PROFILE".to_owned(), String::new())));
    assert_eq!(assignments.len(), 8);
}
