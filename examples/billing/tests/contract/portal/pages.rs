//! The content of the pages.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::time::{interval, timeout};

use super::{Browser, SETTINGS, csrf_token, set_cookie};
use crate::{
    harness::{Billing, SECRET, Setup, Store, TOKEN, events::*, send},
    on_both,
};

on_both! {
    deliveries_are_listed_with_outcome_and_reason_and_counted_in_the_chart,
    rejections_are_listed_and_counted_in_the_chart,
    customers_are_found_by_email_customer_and_subscription,
    a_customers_page_shows_the_same_as_the_api,
    a_negative_balance_and_reversals_are_shown,
    a_search_normalizes_addresses_as_they_are_stored,
    all_prices_and_the_time_of_cancellation_are_shown,
    html_in_events_and_queries_is_escaped,
    pages_and_logs_show_no_secret_and_no_token,
    pages_are_not_cached_and_run_nothing_inline,
    the_root_redirects_to_the_portal,
    an_unknown_page_is_answered_404,
    an_invalid_search_is_answered_400,
}

async fn deliveries_are_listed_with_outcome_and_reason_and_counted_in_the_chart(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    assert!(browser.page("/admin").await.contains("Nothing has arrived yet."));

    let event = top_up("zoe@example.com", 2_000);
    for event in [&event, &event, &live(with_new_id(event.clone())), &top_up("zoe@example.com", -1)]
    {
        billing.deliver(event).await;
    }
    for span in ["hour", "day", "week"] {
        let page = browser.page(&format!("/admin?span={span}")).await;
        assert!(
            page.contains("1 applied, 1 duplicate, 1 other mode, 1 failed. The tallest bar has"),
            "{span} {page}"
        );
        for text in [
            "20000 credits",
            "amount_total is negative",
            "this event had its effect before",
            "live mode",
        ] {
            assert!(page.contains(text), "{text}: {page}");
        }
        // The script reloads the same chart, less often than the list.
        let address =
            format!("data-live=\"/admin/deliveries/chart?span={span}\" data-live-seconds=\"30\"");
        assert!(page.contains(&address), "{page}");
        let chart = browser.page(&format!("/admin/deliveries/chart?span={span}")).await;
        assert!(chart.contains("1 applied, 1 duplicate, 1 other mode, 1 failed."), "{chart}");
        assert!(!chart.contains("20000 credits") && !chart.contains("<html"), "{chart}");
    }
    assert!(
        browser
            .page("/admin")
            .await
            .contains("data-live=\"/admin/deliveries\" data-live-seconds=\"2\"")
    );
    let list = browser.page("/admin/deliveries").await;
    assert!(
        list.contains("20000 credits") && !list.contains("<html") && !list.contains("tallest bar"),
        "{list}"
    );
}

async fn rejections_are_listed_and_counted_in_the_chart(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    for _ in 0..3 {
        let unsigned = billing.request(Method::POST, "/api/v1/webhooks/stripe").body("{}");
        assert_eq!(send(unsigned).await.status, 400);
    }
    billing.deliver_signed(&top_up("zoe@example.com", 100), "whsec_other").await;
    // Rejections are written once a second.
    let page = until(&browser, "4 refused").await;
    assert!(
        page.contains("missing_signature_header") && page.contains("signature_mismatch"),
        "{page}"
    );
    assert!(page.contains("CloudFront"), "{page}");
}

async fn customers_are_found_by_email_customer_and_subscription(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    assert!(browser.page("/admin/customers").await.contains("No subscription yet."));
    billing.deliver(&checkout("Ada_L@example.com", "cus_Ada", "sub_Ada1")).await;
    billing.deliver(&checkout("adaXl@example.com", "cus_Other", "sub_Other1")).await;
    billing
        .deliver(&with_object(
            top_up("ada_l@example.com", 123_400),
            json!({ "customer": "cus_Ada" }),
        ))
        .await;

    for query in ["ada_l", "ADA_L%40EXAMPLE", "cus_ada", "cus_Ada"] {
        let page = browser.page(&format!("/admin/customers?q={query}")).await;
        assert!(page.contains("sub_Ada1") && page.contains("1,234,000"), "{query}: {page}");
        assert!(!page.contains("sub_Other1"), "{query}: {page}");
    }
    let page = browser.page("/admin/customers?q=sub_other").await;
    assert!(page.contains("sub_Other1") && !page.contains("sub_Ada1"), "{page}");
    let page = browser.page("/admin/customers").await;
    assert!(
        page.contains("sub_Other1") && page.contains("sub_Ada1") && page.contains("1,234,000"),
        "{page}"
    );
    let page = browser.page("/admin/customers?q=%25").await;
    assert!(page.contains("No subscription matches “%”."), "{page}");
}

async fn a_customers_page_shows_the_same_as_the_api(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    billing.deliver(&checkout("ada@example.com", "cus_1", "sub_1")).await;
    let event = with_object(top_up("ada@example.com", 2_000), json!({ "customer": "cus_1" }));
    billing.deliver(&event).await;
    for user in ["ada%40example.com", "cus_1"] {
        let page = browser.page(&format!("/admin/customers/user?id={user}")).await;
        for text in
            ["active", "sub_1", "20,000", "credits_topup", event["id"].as_str().expect("an id")]
        {
            assert!(page.contains(text), "{user} {text}: {page}");
        }
    }
    let page = browser.page("/admin/customers/user?id=nobody%40example.com").await;
    assert!(page.contains("inactive") && page.contains("No credits have moved."), "{page}");
}

async fn a_negative_balance_and_reversals_are_shown(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    billing.deliver(&top_up_paid_by("pi_1", "ada@example.com", 2_000)).await;
    let spent = "INSERT INTO credit_transactions (id, livemode, event_id, email, amount, reason, created_at)
                 VALUES ('1', 0, 'none', 'ada@example.com', -12345, 'spent', 1795608000)";
    store.execute(spent).await;
    billing.deliver(&charge_refunded("pi_1", 2_000, 2_000)).await;
    let page = browser.page("/admin/customers/user?id=ada%40example.com").await;
    for text in ["-12,345", "-20,000", "credits_refund", ">20,000<"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(browser.page("/admin/customers").await.contains("-12,345"));
}

async fn a_search_normalizes_addresses_as_they_are_stored(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    billing
        .deliver(&with_object(
            top_up("KATË@example.com", 123_400),
            json!({ "customer": "cus_Kate" }),
        ))
        .await;
    billing
        .deliver(&at(customer("customer.updated", "cus_Kate", Some("NOËL@example.com")), NOON + 9))
        .await;
    for (query, is_found) in [
        ("katë", true),
        ("KATË", true),
        ("noËl", true),
        ("cus_kate", true),
        ("%E2%84%AAatë", false),
    ] {
        let page = browser.page(&format!("/admin/customers?q={query}")).await;
        assert_eq!(page.contains("1,234,000"), is_found, "{query}: {page}");
    }
}

async fn all_prices_and_the_time_of_cancellation_are_shown(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let metered =
        json!({ "price": { "id": "price_metered", "recurring": { "usage_type": "metered" } } });
    let licensed = json!({ "price": { "id": "price_licensed" } });
    let values = json!({ "items": { "data": [metered, licensed] }, "cancel_at": 1_800_000_000 });
    billing
        .deliver(&with_object(subscription("updated", "sub_1", "cus_1", "active"), values))
        .await;
    for path in ["/admin/customers", "/admin/customers/user?id=cus_1"] {
        let page = browser.page(path).await;
        for text in ["price_metered", "price_licensed", "2027"] {
            assert!(page.contains(text), "{path} {text}: {page}");
        }
    }
    // A subscription that is not canceled has no such time.
    billing.deliver(&at(subscription("updated", "sub_1", "cus_1", "active"), NOON + 1)).await;
    for path in ["/admin/customers", "/admin/customers/user?id=cus_1"] {
        let page = browser.page(path).await;
        assert!(!page.contains("2027") && !page.contains("price_metered"), "{path}: {page}");
    }
}

async fn html_in_events_and_queries_is_escaped(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let script = "<script>alert(1)</script>";
    let email = format!("\"{script}'@example.com");
    billing.deliver(&checkout(&email, "cus_<i>1", "sub_<b>1")).await;
    billing.deliver(&of_type(top_up("zoe@example.com", 100), script)).await;
    billing
        .deliver(&with_object(top_up(&email, 100), json!({ "id": "cs_<u>", "customer": null })))
        .await;

    let host =
        browser.request(Method::GET, SETTINGS).header("host", "\"><script>alert(1)</script>");
    let mut pages = vec![send(host).await.text];
    for path in [
        "/admin".to_owned(),
        "/admin/customers".to_owned(),
        "/admin/customers?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
        "/admin/customers/user?id=%3Cscript%3Ealert(1)%3C/script%3E".to_owned(),
    ] {
        pages.push(browser.page(&path).await);
    }
    for page in pages {
        for tag in ["<script>alert", "cus_<i>", "sub_<b>", "cs_<u>"] {
            assert!(!page.contains(tag), "{tag}: {page}");
        }
        assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
    }
}

async fn pages_and_logs_show_no_secret_and_no_token(store: Store) {
    let mut billing = Setup::new(&store).start();
    billing.set_secret(SECRET).await;
    let browser = Browser::logged_in(&billing).await;
    browser
        .submit_and_follow(
            &format!("{SETTINGS}/secrets"),
            &[("webhook_secret", "whsec_another_hidden_one")],
        )
        .await;
    for path in ["/admin", "/admin/customers", SETTINGS] {
        let page = browser.page(path).await;
        for hidden in [TOKEN, SECRET, &SECRET[6..], "another_hidden_one"] {
            assert!(!page.contains(hidden), "{path} {hidden}");
        }
    }

    let csrf_token = csrf_token(&browser.page(SETTINGS).await);
    let session = set_cookie(&browser.log_in(TOKEN).await.headers)
        .split(['=', ';'])
        .nth(1)
        .map(str::to_owned);
    let (_, log) = billing.stop();
    assert!(log.contains("/admin/login"), "{log}");
    for hidden in [TOKEN, SECRET, "another_hidden_one", &csrf_token, &session.expect("a token")] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

async fn pages_are_not_cached_and_run_nothing_inline(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    for path in ["/admin", "/admin/customers", SETTINGS, "/admin/login", "/admin/nothing"] {
        let answer = browser.get(path).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path} {policy}"
        );
        for inline in ["<style", " style=", "onclick", "<script>"] {
            assert!(!answer.text.contains(inline), "{path} {inline}");
        }
    }
    for asset in ["style.css", "portal.js", "favicon.svg"] {
        let answer = browser.get(&format!("/admin/assets/{asset}")).await;
        assert_eq!(
            (answer.status, answer.header("x-content-type-options")),
            (200, Some("nosniff")),
            "{asset}"
        );
    }
    for (path, encoding) in [("/admin/assets/style.css", Some("gzip")), (SETTINGS, None)] {
        let answer =
            send(browser.request(Method::GET, path).header("accept-encoding", "gzip")).await;
        assert_eq!(answer.header("content-encoding"), encoding, "{path}");
    }
}

async fn the_root_redirects_to_the_portal(store: Store) {
    let billing = Billing::start(&store);
    let answer = Browser::new(&billing).get("/").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/admin")));
}

async fn an_unknown_page_is_answered_404(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let answer = browser.get("/admin/").await;
    assert_eq!((answer.status, answer.header("location")), (308, Some("/admin")));
    for (path, status) in [
        ("/admin/nothing", 404),
        ("/admin/customers/user", 400),
        ("/admin/login?ended=perhaps", 400),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text.contains("Back to the portal"), "{path} {}", answer.text);
    }
}

async fn an_invalid_search_is_answered_400(store: Store) {
    let billing = Billing::start(&store);
    let browser = Browser::logged_in(&billing).await;
    let longest = "a".repeat(512);
    for (query, status) in [
        ("%00", 400),
        ("a%00b", 400),
        (&*longest, 200),
        (&*format!("{longest}a"), 400),
        ("%25%27%22%5C%F0%9F%99%82", 200),
    ] {
        for path in ["/admin/customers?q=", "/admin/customers/user?id="] {
            let answer = browser.get(&format!("{path}{query}")).await;
            assert_eq!(answer.status, status, "{path}{query}: {}", answer.text);
            assert_eq!(
                answer.text.contains("This cannot be searched for"),
                status == 400,
                "{path}{query}"
            );
        }
    }
}

/// Reloads the list until it contains a text.
async fn until(browser: &Browser, text: &str) -> String {
    let found = async {
        let mut again = interval(Duration::from_millis(50));
        loop {
            again.tick().await;
            let page = browser.page("/admin").await;
            if page.contains(text) {
                return page;
            }
        }
    };
    timeout(Duration::from_secs(90), found)
        .await
        .unwrap_or_else(|_| panic!("{text} was never listed"))
}
