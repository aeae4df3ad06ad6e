//! Whatever the agent does but confirm, the sentinel goes on asking, and says that the task is not protected.

use std::thread;

use crate::fake::{Asked, DROP, Fake, PROTECT, Reply, agent, jicofo, json, nobody};
use crate::process::{CALM, Sentinel};

fn failures() -> Vec<(Reply, &'static str)> {
    let off = r#"{"protection":{"ProtectionEnabled":false,"ExpirationDate":null,"TaskArn":"arn"}}"#;
    let on = r#"{"protection":{"ProtectionEnabled":true}}"#;
    let blocked = r#"{"failure":{"Arn":"arn","Detail":null,"Reason":"DEPLOYMENT_BLOCKED"}}"#;
    let denied = r#"{"requestID":"1","error":{"Arn":"arn","Code":"AccessDeniedException","Message":"no"}}"#;
    let timeout = r#"{"error":{"Arn":"arn","Code":"RequestCanceled","Message":"Timed out"}}"#;
    let elsewhere = "HTTP/1.1 307 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n";
    vec![
        (Reply::Hang, "did not answer: no whole answer in time"),
        (
            Reply::Stall(json(200, on)[..70].to_owned()),
            "did not answer: no whole answer in time",
        ),
        (Reply::Raw(Vec::new()), "did not answer: the connection ended"),
        (
            Reply::Raw(json(200, on).as_bytes()[..80].to_vec()),
            "did not answer: the connection ended",
        ),
        (
            Reply::Flood("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            "longer than 65536 bytes",
        ),
        (Reply::Raw(b"\0\0\0\0".to_vec()), "no valid HTTP"),
        (Reply::Raw(elsewhere.as_bytes().to_vec()), "answered with status 307"),
        (Reply::Json(404, String::new()), "answered with status 404"),
        (Reply::Json(500, "oops".to_owned()), "answered with status 500"),
        (Reply::Json(201, on.to_owned()), "answered with status 201"),
        (Reply::Json(200, String::new()), "was not understood"),
        (Reply::Json(200, "{}".to_owned()), "was not understood"),
        (Reply::Json(200, off.to_owned()), "says that protection is off still"),
        (Reply::Json(200, blocked.to_owned()), "says DEPLOYMENT_BLOCKED"),
        (Reply::Json(400, denied.to_owned()), "says AccessDeniedException: no"),
        (Reply::Json(504, timeout.to_owned()), "says RequestCanceled: Timed out"),
    ]
}

#[test]
fn a_protection_that_is_not_confirmed_is_said_once_and_asked_for_until_it_is() {
    thread::scope(|scope| {
        for (failure, said) in failures() {
            scope.spawn(move || {
                let reply = failure.clone();
                let jicofo = Fake::new(jicofo(1, 2, &[]));
                let fake = Fake::new(move |_: &Asked| reply.clone());
                let sentinel = Sentinel::start(&jicofo, &fake, &CALM);
                sentinel.says(said);
                sentinel.becomes(1);
                fake.wait_for_more("PUT", 4);
                let lines = sentinel.lines();
                assert!(lines.windows(2).all(|two| two[0] != two[1]), "{lines:#?}");
                assert!(fake.asked().iter().all(|asked| asked.body == PROTECT));
                fake.answer(agent);
                sentinel.says("protected: 2 people in 1 room");
                sentinel.becomes(0);
            });
        }
    });
}

#[test]
fn the_permission_that_is_missing_is_named() {
    let denied = r#"{"error":{"Code":"AccessDeniedException","Message":"no"}}"#;
    let fake = Fake::new(move |_: &Asked| Reply::Json(400, denied.to_owned()));
    let jicofo = Fake::new(nobody());
    let sentinel = Sentinel::start(&jicofo, &fake, &[]);
    sentinel.says("hint: the task role needs ecs:UpdateTaskProtection");
}

#[test]
fn an_agent_that_is_not_there_yet_is_asked_again() {
    let (jicofo, mut fake) = (Fake::new(jicofo(1, 2, &[])), Fake::new(agent));
    fake.stop();
    let sentinel = Sentinel::start(&jicofo, &fake, &[]);
    sentinel.says("not protected: the ECS agent did not answer: no connection: connection refused");
    fake.start();
    sentinel.says("protected: 2 people in 1 room");
}

#[test]
fn a_drop_that_is_not_confirmed_is_asked_for_again() {
    let (jicofo, fake) = (Fake::new(nobody()), Fake::new(agent));
    fake.answer(|asked| if asked.body == DROP { Reply::Hang } else { agent(asked) });
    let sentinel = Sentinel::start(&jicofo, &fake, &[]);
    sentinel.says("quiet, but protection could not be dropped");
    sentinel.becomes(1);
    let drops = |asked: &[Asked]| asked.iter().filter(|a| a.body == DROP).count();
    let before = drops(&fake.asked());
    fake.wait("more drops", |asked| drops(asked) >= before + 3);
    fake.answer(agent);
    sentinel.says("quiet: protection dropped");
    sentinel.becomes(0);
}

#[test]
fn somebody_who_comes_while_a_drop_hangs_is_protected() {
    let (fake, agent_fake) = (Fake::new(nobody()), Fake::new(agent));
    agent_fake.answer(|asked| if asked.body == DROP { Reply::Hang } else { agent(asked) });
    let sentinel = Sentinel::start(&fake, &agent_fake, &[]);
    agent_fake.wait("drop", crate::fake::dropped);
    fake.answer(jicofo(1, 1, &[]));
    sentinel.says("protected: 1 person in 1 room");
    // The drop may still take effect: protection is renewed with each reading for a while.
    agent_fake.wait_for_more("PUT", 4);
    let asked = agent_fake.asked();
    assert!(asked[asked.len() - 4..].iter().all(|a| a.body == PROTECT));
}
