//! Invalid settings are errors whose message names the valid values.

use crate::{database::Database, program::run};

#[tokio::test]
async fn an_implausible_setting_ends_the_program_with_a_message() {
    let database = Database::sqlite().await;
    for (name, value, message) in [
        (
            "DATABASE_URL",
            "mysql://localhost",
            "DATABASE_URL must begin with sqlite: or postgres://",
        ),
        ("FULFILMENT_URL", "shop", "FULFILMENT_URL must be an http:// URL, not \"shop\""),
        ("QUEUE_MAX_ATTEMPTS", "0", "QUEUE_MAX_ATTEMPTS must be a number from 1 to 100, not \"0\""),
        (
            "QUEUE_MAX_ATTEMPTS",
            "101",
            "QUEUE_MAX_ATTEMPTS must be a number from 1 to 100, not \"101\"",
        ),
        (
            "QUEUE_BACKOFF_SECONDS",
            "3601",
            "QUEUE_BACKOFF_SECONDS must be a number from 0 to 3600, not \"3601\"",
        ),
        (
            "QUEUE_HEARTBEAT_SECONDS",
            "0",
            "QUEUE_HEARTBEAT_SECONDS must be a number from 1 to 3600, not \"0\"",
        ),
        (
            "QUEUE_HEARTBEAT_SECONDS",
            "1 s",
            "QUEUE_HEARTBEAT_SECONDS must be a number from 1 to 3600, not \"1 s\"",
        ),
    ] {
        let output = run(&["dead"], database.url(), &[(name, value)]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(error.trim_end(), message);
    }
    let limits = [
        ("QUEUE_MAX_ATTEMPTS", "100"),
        ("QUEUE_BACKOFF_SECONDS", "3600"),
        ("QUEUE_HEARTBEAT_SECONDS", "3600"),
    ];
    let output = run(&["dead"], database.url(), &limits).await;
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn an_unknown_argument_ends_the_program_with_its_usage() {
    let database = Database::sqlite().await;
    for arguments in [&["rest"][..], &["revive"], &["dead", "evt_1"]] {
        let output = run(arguments, database.url(), &[]).await;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr)
                .starts_with("usage: queue [serve | work | dead | revive"),
            "{output:?}"
        );
    }
}
