//! Sessions, and the protection of forms.

use reqwest::Method;
use sqlx::{AnyConnection, Connection, Row, any::install_default_drivers};

use super::{Browser, SETTINGS, csrf_token, set_cookie};
use crate::{
    harness::{Answer, Billing, Setup, Store, TOKEN, send},
    on_both,
};

on_both! {
    every_page_redirects_to_the_login_without_a_session,
    the_admin_token_logs_in_and_another_does_not,
    the_cookie_is_limited_to_the_portal_and_to_tls_behind_tls,
    too_many_login_attempts_are_answered_with_retry_after,
    the_portal_and_the_api_share_the_limit_of_wrong_tokens,
    the_right_token_is_accepted_after_too_many_wrong_ones,
    a_form_without_the_csrf_token_of_its_session_changes_nothing,
    a_form_from_another_site_changes_nothing,
    an_expired_session_redirects_to_the_login,
    a_logged_out_session_is_invalid,
    a_session_is_valid_on_all_nodes_until_the_admin_token_changes,
    the_database_stores_no_session_token,
    a_too_large_form_is_rejected,
}

async fn every_page_redirects_to_the_login_without_a_session(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    for path in [
        "/admin",
        "/admin/deliveries",
        "/admin/deliveries/chart",
        "/admin/customers",
        "/admin/customers/user?id=cus_1",
        SETTINGS,
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/admin/login")),
            "{path}"
        );
        assert_eq!(answer.text, "");
    }
    let answer =
        browser.post(&format!("{SETTINGS}/secrets"), &[("webhook_secret", "whsec_other")]).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/admin/login")));
    assert!(browser.page("/admin/login").await.contains("Admin token"));
}

async fn the_admin_token_logs_in_and_another_does_not(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    for wrong in ["", "wrong", &TOKEN[1..], &TOKEN.to_uppercase()] {
        let answer = browser.log_in(wrong).await;
        assert_eq!(answer.status, 401, "{wrong:?}");
        assert!(answer.text.contains("This is not the admin token."), "{}", answer.text);
        assert!(answer.header("set-cookie").is_none());
    }
    assert_eq!(browser.get("/admin").await.status, 303);
    assert_eq!(browser.log_in(TOKEN).await.status, 303);
    assert!(browser.page("/admin").await.contains("Deliveries"));
}

async fn the_cookie_is_limited_to_the_portal_and_to_tls_behind_tls(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    let answer = browser.log_in(TOKEN).await;
    let cookie = set_cookie(&answer.headers).to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/admin", "Max-Age=28800"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute} {cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");

    let request =
        browser.request(Method::POST, "/admin/login").header("x-forwarded-proto", "https, http");
    let answer = send(request.form(&[("token", TOKEN)])).await;
    let cookie = set_cookie(&answer.headers);
    assert!(cookie.split("; ").any(|part| part == "Secure"), "{cookie}");
}

async fn too_many_login_attempts_are_answered_with_retry_after(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    let mut limited = None;
    // Ten attempts at once, and one more every six seconds on a slow machine.
    for attempt in 0..40 {
        let answer = browser.log_in("wrong").await;
        if answer.status == 429 {
            limited = Some((attempt, answer));
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let (attempt, answer) = limited.expect("attempts are limited");
    assert!(attempt >= 10, "{attempt}");
    let seconds: u64 =
        answer.header("retry-after").expect("it says when").parse().expect("seconds");
    assert!((1..=7).contains(&seconds), "{seconds}");
    assert!(answer.text.contains("Too many attempts"), "{}", answer.text);
}

async fn try_api(billing: &Billing, token: &str) -> Answer {
    send(billing.request(Method::GET, "/api/v1/admin/events").bearer_auth(token)).await
}

/// Sends wrong tokens until they are limited, which is after ten, and one more every six seconds on
/// a slow machine.
async fn use_up_attempts(billing: &Billing, browser: &Browser, is_login: bool) {
    for attempt in 0..40 {
        let answer = match is_login {
            true => browser.log_in("wrong").await,
            false => try_api(billing, "wrong").await,
        };
        if answer.status == 429 {
            assert!(attempt >= 10, "{attempt}");
            return;
        }
        assert_eq!(answer.status, 401);
    }
    panic!("wrong tokens are not limited");
}

async fn the_portal_and_the_api_share_the_limit_of_wrong_tokens(store: Store) {
    for is_login in [true, false] {
        let billing = Billing::start(&store);
        let browser = Browser::new(&billing);
        use_up_attempts(&billing, &browser, is_login).await;
        // One more attempt each six seconds.
        let api = [try_api(&billing, "wrong").await, try_api(&billing, "other").await];
        let limited = api.iter().find(|answer| answer.status == 429).expect("the API is limited");
        assert_eq!(limited.error_code(), "too_many_wrong_tokens");
        let seconds: u64 = limited.header("retry-after").expect("it says when").parse().unwrap();
        assert!((1..=7).contains(&seconds), "{seconds}");
        let logins = [browser.log_in("wrong").await, browser.log_in("other").await];
        assert!(logins.iter().any(|answer| answer.status == 429), "{logins:?}");
    }
}

async fn the_right_token_is_accepted_after_too_many_wrong_ones(store: Store) {
    for is_login in [true, false] {
        let billing = Billing::start(&store);
        let browser = Browser::new(&billing);
        use_up_attempts(&billing, &browser, is_login).await;
        for _ in 0..20 {
            assert_eq!(try_api(&billing, TOKEN).await.status, 200);
        }
        assert_eq!(browser.log_in(TOKEN).await.status, 303);
        assert!(browser.page("/admin").await.contains("Deliveries"));
        // A request without a token is no attempt.
        let request = billing.request(Method::GET, "/api/v1/admin/events");
        assert_eq!(send(request).await.status, 401);
    }
}

async fn a_form_without_the_csrf_token_of_its_session_changes_nothing(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let others = csrf_token(&Browser::logged_in(&billing).await.page("/admin").await);
    let own = csrf_token(&browser.page("/admin").await);
    assert_ne!(own, others);
    let before = billing.secrets().await;

    for path in
        ["/secrets", "/secrets/replace", "/secrets/generate", "/secrets/some/remove", "/test-event"]
    {
        for token in [None, Some(""), Some("wrong"), Some(&own[1..]), Some(&*others)] {
            let mut fields = vec![("webhook_secret", "whsec_other"), ("confirmed", "yes")];
            fields.extend(token.map(|token| ("csrf_token", token)));
            let answer = browser.post(&format!("{SETTINGS}{path}"), &fields).await;
            assert_eq!(answer.status, 403, "{path} {token:?}");
            assert!(answer.text.contains("Nothing was changed"), "{}", answer.text);
        }
    }
    assert_eq!(browser.post("/admin/logout", &[]).await.status, 403);
    for path in [format!("{SETTINGS}/secrets"), "/admin/logout".into()] {
        assert_eq!(
            send(browser.request(Method::POST, &path)).await.status,
            403,
            "{path} without a body"
        );
        let json =
            browser.request(Method::POST, &path).json(&serde_json::json!({ "csrf_token": own }));
        assert_eq!(send(json).await.status, 403, "{path} with JSON");
    }
    assert_eq!(billing.secrets().await, before);
    assert!(billing.deliveries().await.is_empty());
    assert_eq!(browser.get("/admin").await.status, 200);
}

async fn a_form_from_another_site_changes_nothing(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let token = csrf_token(&browser.page("/admin").await);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let logout =
            browser.request(Method::POST, "/admin/logout").form(&[("csrf_token", &*token)]);
        assert_eq!(send(logout.header(name, value)).await.status, 403, "{name}: {value}");
        let login = browser.request(Method::POST, "/admin/login").form(&[("token", TOKEN)]);
        assert_eq!(send(login.header(name, value)).await.status, 403, "{name}: {value}");
    }
    assert_eq!(browser.get("/admin").await.status, 200);
}

async fn an_expired_session_redirects_to_the_login(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let expire = "UPDATE sessions SET expires_at = 1";
    sqlx::query(expire).execute(&mut connection(&store).await).await.expect("the table is there");

    let answer = browser.get("/admin").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/admin/login?ended=true")));
    assert!(set_cookie(&answer.headers).contains("Max-Age=0"), "{:?}", answer.headers);
    assert!(
        browser
            .page("/admin/login?ended=true")
            .await
            .contains("Your session has ended. Log in again.")
    );
    assert_eq!(browser.get("/admin").await.header("location"), Some("/admin/login"));
}

async fn a_logged_out_session_is_invalid(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    let answer = browser.log_in(TOKEN).await;
    let cookie = set_cookie(&answer.headers).split(';').next().unwrap_or_default().to_owned();

    let page = browser.submit_and_follow("/admin/logout", &[]).await;
    assert!(page.contains("You are logged out."), "{page}");
    assert_eq!(browser.get("/admin").await.header("location"), Some("/admin/login"));
    // The cookie is no longer valid.
    let kept = Browser::new(&billing).request(Method::GET, "/admin").header("cookie", cookie);
    assert_eq!(send(kept).await.header("location"), Some("/admin/login?ended=true"));
}

async fn a_session_is_valid_on_all_nodes_until_the_admin_token_changes(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let node = Setup::new(&store).start();
    let on_node = Browser { url: format!("http://{}", node.address()), ..browser };
    assert_eq!(on_node.get("/admin").await.status, 200);

    let node = Setup::new(&store).with("ADMIN_TOKEN", "another").start();
    let on_node = Browser { url: format!("http://{}", node.address()), ..on_node };
    assert_eq!(on_node.get("/admin").await.header("location"), Some("/admin/login?ended=true"));
}

async fn the_database_stores_no_session_token(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::new(&billing);
    let answer = browser.log_in(TOKEN).await;
    let (_, token) = set_cookie(&answer.headers)
        .split(';')
        .next()
        .and_then(|pair| pair.split_once('='))
        .expect("a pair");
    assert_eq!(token.len(), 64);

    let rows = sqlx::query("SELECT token_hash, flash FROM sessions")
        .fetch_all(&mut connection(&store).await)
        .await;
    let rows = rows.expect("the table is there");
    assert_eq!(rows.len(), 1);
    let (hash, flash): (String, Option<String>) = (rows[0].get(0), rows[0].get(1));
    assert_ne!(hash, token);
    assert_eq!(flash, None);
}

async fn a_too_large_form_is_rejected(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let secrets = format!("{SETTINGS}/secrets");
    // The rest of the 16 KiB: field names, CSRF token and the secret's prefix.
    let room = 16 * 1024 - "csrf_token=&webhook_secret=whsec_".len() - 64;
    let largest = format!("whsec_{}", "a".repeat(room));
    assert_eq!(browser.submit(&secrets, &[("webhook_secret", &largest)]).await.status, 303);
    let larger = format!("{largest}a");
    let answer = browser.submit(&secrets, &[("webhook_secret", &larger)]).await;
    assert_eq!(answer.status, 413);
    assert!(answer.text.contains("This form cannot be read"), "{}", answer.text);
}

#[tokio::test]
async fn a_token_of_fewer_than_16_characters_logs_a_warning() {
    for (token, warned) in [("fifteen-letters", true), ("sixteen--letters", false)] {
        let mut billing = Setup::new(&Store::sqlite()).with("ADMIN_TOKEN", token).start();
        assert_eq!(Browser::new(&billing).log_in(token).await.status, 303);
        let (_, log) = billing.stop();
        assert_eq!(log.contains("ADMIN_TOKEN has fewer than 16 characters"), warned, "{log}");
        assert!(!log.contains(token), "{log}");
    }
}

#[tokio::test]
async fn forms_are_answered_503_while_the_database_is_locked() {
    let store = Store::sqlite();
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let mut other = connection(&store).await;
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.expect("the file can be locked");
    assert_eq!(browser.get("/admin").await.status, 200);
    let answer =
        browser.submit(&format!("{SETTINGS}/secrets"), &[("webhook_secret", "whsec_other")]).await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("The database does not answer"), "{}", answer.text);

    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.expect("the lock can be released");
    let page = browser
        .submit_and_follow(&format!("{SETTINGS}/secrets"), &[("webhook_secret", "whsec_other")])
        .await;
    assert!(page.contains("The secret is in force."), "{page}");
}

async fn connection(store: &Store) -> AnyConnection {
    install_default_drivers();
    AnyConnection::connect(store.url()).await.expect("the database answers")
}
