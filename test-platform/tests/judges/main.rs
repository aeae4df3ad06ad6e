//! The JUnit file before a judge that this project did not write: junitparser. It is Python, and runs only with the cargo feature
//! `judges`:
//!
//! ```text
//! python3 -m venv .ci/venv && .ci/venv/bin/pip install -r .ci/judges-requirements.txt
//! cargo test -p test-platform --features judges --test judges
//! ```
//!
//! With the feature on, a missing Python or package is a failure, never a skip.
#![cfg(feature = "judges")]

use std::path::{Path, PathBuf};
use std::process::Command;

use aws_sandbox::{PlatformSpec, SiteFault};
use command_stand::{Stand, both, code, stderr, stdout};

/// How to get what the judge needs.
const HINT: &str = "hint: python3 -m venv .ci/venv && .ci/venv/bin/pip install -r .ci/judges-requirements.txt\n\
                    hint: `JUDGES_PYTHON` names another Python that has junitparser";

/// Reads the file as CI servers do, and tells what is in it: name and result of each case.
const READ: &str = r#"
import sys
from junitparser import JUnitXml
report = JUnitXml.fromfile(sys.argv[1])
for suite in report:
    print("suite", suite.name, suite.tests, suite.failures, suite.errors, suite.skipped)
    for case in suite:
        results = [type(result).__name__ for result in case.result]
        print(case.classname, case.name, "+".join(results) or "Passed", case.time is not None)
"#;

#[test]
fn junitparser_reads_each_phase_and_each_rung() {
    let stand = Stand::up(env!("CARGO_BIN_EXE_test-platform"));
    let service = PlatformSpec::default().service_arn();
    let planted = stand.world(|world| world.set_site_fault(&service, Some(SiteFault::NoJicofo)));
    assert_eq!(planted, Ok(()));
    let file = stand.path().join("test-platform.xml");
    let output = stand.run(
        ["--sandbox", "-qq", "--no-scale", "--junit"]
            .map(Path::new)
            .into_iter()
            .chain([&*file]),
    );
    assert_eq!(code(&output), 3, "{}", both(&output));
    let judged = Command::new(python()).args(["-c", READ]).arg(&file).output();
    let judged = judged.unwrap_or_else(|error| panic!("cannot start the judge: {error}\n{HINT}"));
    assert!(judged.status.success(), "{}\n{HINT}", stderr(&judged));
    let told = stdout(&judged);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "suite test-platform 15 2 0 4", "{told}");
    for line in [
        "test-platform prerequisites Passed True",
        "test-platform scale-up Skipped True",
        "test-platform jitsi Failure True",
        "test-platform.jitsi L3 login Passed False",
        "test-platform.jitsi L4 conference Failure False",
        "test-platform final-status Skipped True",
    ] {
        assert!(lines.contains(&line), "{line}: {told}");
    }
}

/// The Python that has junitparser.
fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::var_os("JUDGES_PYTHON").map_or_else(|| workspace.join(".ci/venv/bin/python"), PathBuf::from)
}
