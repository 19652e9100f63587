//! The admin portal in a browser without scripts.

mod access;
mod pages;
mod settings;

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap, redirect::Policy};

use crate::harness::{Answer, Billing, TOKEN, send};

const SETTINGS: &str = "/admin/customization/stripe-settings";

/// A client with cookies. It does not follow redirects, so that tests can check them.
pub struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    fn new(billing: &Billing) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(Policy::none())
            .build()
            .expect("a client");
        Self { client, url: format!("http://{}", billing.address()) }
    }

    pub async fn logged_in(billing: &Billing) -> Self {
        let browser = Self::new(billing);
        let answer = browser.log_in(TOKEN).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/admin")),
            "{}",
            answer.text
        );
        browser
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// Returns a page, and asserts that it exists.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.text
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.request(Method::POST, path).form(fields)).await
    }

    async fn log_in(&self, token: &str) -> Answer {
        self.post("/admin/login", &[("token", token)]).await
    }

    /// Sends a form with the CSRF token of the settings page.
    async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = csrf_token(&self.page(SETTINGS).await);
        self.post(path, &[&[("csrf_token", &*token)], fields].concat()).await
    }

    /// Sends a form, asserts that it is accepted, and returns the next page.
    async fn submit_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.submit(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {}", answer.text);
        self.page(answer.header("location").expect("a redirect leads somewhere")).await
    }
}

fn csrf_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf_token\" value=\"").expect("the page has a form");
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn set_cookie(headers: &HeaderMap) -> &str {
    headers.get("set-cookie").expect("a cookie").to_str().expect("ASCII")
}
