//! The portal on a phone.

use serde_json::json;

use crate::{
    SETTINGS,
    chromium::{Chromium, Scheme},
    harness::{Billing, SECRET, Store, events, stripe},
};

/// Returns the elements that are wider than the page, if it can be scrolled sideways.
const WIDER: &str = "
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const side = (element) => element.getBoundingClientRect().right;
    const sides = [...document.querySelectorAll('*')].map((element) => [element, side(element)]);
    const wide = sides.filter(([, right]) => right > page.clientWidth);
    return [page.scrollWidth, ...wide.map(([element, right]) => `${element.tagName}.${element.className} ${right}`)]";

#[tokio::test]
#[ignore = "needs Chromium: .ci/run installs it"]
async fn every_page_fits_on_a_phone() {
    let billing = Billing::start(&Store::sqlite());
    billing.set_secret(SECRET).await;
    billing.add_secret("whsec_the_new_one_Yz").await;
    let email = format!("{}@{}.example.com", "a".repeat(60), "b".repeat(60));
    billing
        .deliver(&events::checkout(
            &email,
            &format!("cus_{}", "c".repeat(60)),
            &format!("sub_{}", "s".repeat(60)),
        ))
        .await;
    billing.deliver(&events::top_up(&email, 999_999_999_999)).await;
    billing.deliver_signed(&events::top_up(&email, 1), "whsec_of_another_endpoint").await;
    billing.deliver(&stripe::twin(&events::top_up(&email, 1))).await;

    Chromium::run(billing.address(), async |browser: &Chromium| {
        browser.log_in().await;
        for scheme in [Scheme::Light, Scheme::Dark] {
            for width in [360, 390, 768, 1_280] {
                browser.set_screen(width, 740, scheme).await;
                for path in [
                    "/admin",
                    "/admin/customers",
                    &format!("/admin/customers/user?id={email}"),
                    SETTINGS,
                    "/admin/thin-events",
                    "/admin/login",
                ] {
                    browser.goto(path).await;
                    let wider = browser.script(WIDER).await;
                    assert_eq!(wider, json!([]), "{path} at {width} px");
                }
            }
        }
        browser.assert_no_complaints().await;
    })
    .await;
}
