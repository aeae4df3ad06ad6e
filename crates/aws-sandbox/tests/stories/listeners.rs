//! Listeners: what fits together.

use aws_sdk_elasticloadbalancingv2::operation::create_listener::builders::CreateListenerFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, Certificate, ProtocolEnum};

use crate::stage::{Stage, code, refusal, seconds, stage};

const CERTIFICATE: &str = "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

fn forward(group: &str) -> Action {
    Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(group)
        .build()
}

fn create(
    stage: &Stage,
    balancer: &str,
    protocol: ProtocolEnum,
    port: i32,
    group: &str,
) -> CreateListenerFluentBuilder {
    let create = stage
        .elb
        .create_listener()
        .load_balancer_arn(balancer)
        .protocol(protocol)
        .port(port);
    create.default_actions(forward(group))
}

struct Parts {
    stage: Stage,
    balancer: String,
    vpc: String,
    udp: String,
    tcp: String,
}

async fn parts() -> Parts {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (balancer, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let udp = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    let tcp = stage.target_group("tcp", ProtocolEnum::Tcp, 80, &vpc).await;
    Parts {
        stage,
        balancer,
        vpc,
        udp,
        tcp,
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_can_be_made_while_the_load_balancer_is_provisioning() {
    let Parts {
        stage, balancer, udp, ..
    } = parts().await;
    let arn = stage.listener(&balancer, ProtocolEnum::Udp, 10000, &udp).await;
    assert!(arn.starts_with(&balancer.replace(":loadbalancer/", ":listener/")));
    assert_eq!(
        stage.listener(&balancer, ProtocolEnum::Udp, 10000, &udp).await,
        arn,
        "the same again is the same"
    );
    let described = stage
        .elb
        .describe_listeners()
        .load_balancer_arn(&balancer)
        .send()
        .await
        .unwrap();
    let listener = &described.listeners()[0];
    assert_eq!((listener.port(), listener.ssl_policy()), (Some(10000), None));
    assert_eq!(listener.default_actions()[0].target_group_arn(), Some(udp.as_str()));
}

#[tokio::test(start_paused = true)]
async fn one_port_has_one_listener() {
    let Parts {
        stage,
        balancer,
        udp,
        tcp,
        ..
    } = parts().await;
    stage.listener(&balancer, ProtocolEnum::Udp, 10000, &udp).await;
    let message = format!("A listener already exists on this port for this load balancer '{balancer}'");
    let other = create(&stage, &balancer, ProtocolEnum::Tcp, 10000, &tcp).send().await;
    assert_eq!(refusal(other), (400, "DuplicateListener".into(), message));
}

#[tokio::test(start_paused = true)]
async fn protocols_must_fit() {
    let Parts {
        stage,
        balancer,
        vpc,
        udp,
        tcp,
    } = parts().await;
    for (protocol, group) in [
        (ProtocolEnum::Udp, &tcp),
        (ProtocolEnum::Tcp, &udp),
        (ProtocolEnum::TcpUdp, &udp),
    ] {
        let refused = create(&stage, &balancer, protocol, 1, group).send().await;
        assert_eq!(code(refused), "IncompatibleProtocols");
    }
    let both = stage.target_group("both", ProtocolEnum::TcpUdp, 10000, &vpc).await;
    create(&stage, &balancer, ProtocolEnum::Udp, 10000, &both)
        .send()
        .await
        .unwrap();
    let (_, code, message) = refusal(create(&stage, &balancer, ProtocolEnum::Http, 80, &tcp).send().await);
    assert_eq!(code, "ValidationError");
    assert_eq!(
        message,
        "Listener protocol 'HTTP' must be one of 'UDP, TCP, TLS, TCP_UDP'"
    );
}

#[tokio::test(start_paused = true)]
async fn a_tls_listener_needs_exactly_one_certificate_that_exists() {
    let Parts {
        stage, balancer, tcp, ..
    } = parts().await;
    let tls = || create(&stage, &balancer, ProtocolEnum::Tls, 443, &tcp);
    let certificate = |arn: &str| Certificate::builder().certificate_arn(arn).build();
    assert_eq!(code(tls().send().await), "ValidationError");
    assert_eq!(
        code(tls().certificates(certificate("arn:aws:acm:x")).send().await),
        "CertificateNotFound"
    );
    let abroad = CERTIFICATE.replace("us-west-2", "us-east-1");
    assert_eq!(
        code(tls().certificates(certificate(&abroad)).send().await),
        "CertificateNotFound"
    );
    let two = tls()
        .certificates(certificate(CERTIFICATE))
        .certificates(certificate(CERTIFICATE))
        .send()
        .await;
    assert_eq!(code(two), "TooManyCertificates");
    let policy = tls()
        .certificates(certificate(CERTIFICATE))
        .ssl_policy("nonsense")
        .send()
        .await;
    assert_eq!(code(policy), "SSLPolicyNotFound");
    stage.sandbox.world(|world| world.set_certificates(&[]));
    assert_eq!(
        code(tls().certificates(certificate(CERTIFICATE)).send().await),
        "CertificateNotFound"
    );
    stage.sandbox.world(|world| world.set_certificates(&[CERTIFICATE]));
    let made = tls()
        .certificates(certificate(CERTIFICATE))
        .send()
        .await
        .unwrap()
        .listeners
        .unwrap()
        .remove(0);
    assert_eq!(made.ssl_policy(), Some("ELBSecurityPolicy-2016-08"));
    assert_eq!(made.certificates()[0].certificate_arn(), Some(CERTIFICATE));
}

#[tokio::test(start_paused = true)]
async fn a_target_group_belongs_to_one_load_balancer() {
    let Parts {
        stage, balancer, udp, ..
    } = parts().await;
    stage.listener(&balancer, ProtocolEnum::Udp, 10000, &udp).await;
    let other = stage.load_balancer("other").await.load_balancer_arn.unwrap();
    let (_, code, message) = refusal(create(&stage, &other, ProtocolEnum::Udp, 10000, &udp).send().await);
    assert_eq!(code, "TargetGroupAssociationLimit");
    assert!(message.starts_with("The following target groups cannot be associated with more than one load balancer"));
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&balancer)
        .send()
        .await
        .unwrap();
    create(&stage, &other, ProtocolEnum::Udp, 10000, &udp)
        .send()
        .await
        .expect("detached, it can be used again");
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_or_unknown_is_told() {
    let Parts {
        stage, balancer, udp, ..
    } = parts().await;
    let no_port = stage
        .elb
        .create_listener()
        .load_balancer_arn(&balancer)
        .protocol(ProtocolEnum::Udp);
    assert_eq!(
        refusal(no_port.default_actions(forward(&udp)).send().await).2,
        "A listener port must be specified"
    );
    let no_protocol = stage.elb.create_listener().load_balancer_arn(&balancer).port(1);
    let message = refusal(no_protocol.default_actions(forward(&udp)).send().await).2;
    assert_eq!(message, "A listener protocol must be specified");
    let gone = udp.replace("/udp/", "/gone/");
    let (_, group, message) = refusal(create(&stage, &balancer, ProtocolEnum::Udp, 1, &gone).send().await);
    assert_eq!(
        (group.as_str(), message),
        ("TargetGroupNotFound", format!("Target group '{gone}' not found"))
    );
    let no_balancer = create(&stage, &balancer.replace("/jvb/", "/gone/"), ProtocolEnum::Udp, 1, &udp)
        .send()
        .await;
    assert_eq!(code(no_balancer), "LoadBalancerNotFound");
    let redirect = Action::builder().r#type(ActionTypeEnum::Redirect).build();
    let action = stage
        .elb
        .create_listener()
        .load_balancer_arn(&balancer)
        .protocol(ProtocolEnum::Udp)
        .port(1);
    assert_eq!(
        code(action.default_actions(redirect).send().await),
        "InvalidLoadBalancerAction"
    );
    let message = refusal(stage.elb.describe_listeners().send().await).2;
    assert_eq!(message, "You must specify either listener ARNs or a load balancer ARN");
    let listener = stage
        .listener(&balancer, ProtocolEnum::Udp, 10000, &udp)
        .await
        .replace("/jvb/", "/gone/");
    assert_eq!(
        code(stage.elb.delete_listener().listener_arn(&listener).send().await),
        "ListenerNotFound"
    );
    stage
        .sandbox
        .world(|world| world.set_limit("listeners-per-network-load-balancer", 1))
        .unwrap();
    assert_eq!(
        code(create(&stage, &balancer, ProtocolEnum::Udp, 2, &udp).send().await),
        "TooManyListeners"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listener_can_be_changed_and_deleted() {
    let Parts {
        stage,
        balancer,
        vpc,
        udp,
        tcp,
    } = parts().await;
    let arn = stage.listener(&balancer, ProtocolEnum::Udp, 10000, &udp).await;
    stage.listener(&balancer, ProtocolEnum::Tcp, 4443, &tcp).await;
    stage.register(&udp, "172.31.0.9").await;
    let modify = || stage.elb.modify_listener().listener_arn(&arn);
    assert_eq!(code(modify().port(4443).send().await), "DuplicateListener");
    let moved = modify().port(10001).send().await.unwrap().listeners.unwrap().remove(0);
    assert_eq!(
        (moved.port(), moved.protocol()),
        (Some(10001), Some(&ProtocolEnum::Udp))
    );
    let next = stage.target_group("next", ProtocolEnum::Udp, 10000, &vpc).await;
    modify().default_actions(forward(&next)).send().await.unwrap();
    assert_eq!(
        stage.health(&udp).await[0].1,
        "Target.NotInUse",
        "the old group is detached"
    );
    assert_eq!(
        code(modify().default_actions(forward(&tcp)).send().await),
        "IncompatibleProtocols"
    );
    seconds(200).await;
    stage.elb.delete_listener().listener_arn(&arn).send().await.unwrap();
    stage
        .elb
        .delete_target_group()
        .target_group_arn(&next)
        .send()
        .await
        .expect("nothing lingers after a listener");
}
