//! The objects of the fake, and which request gets which.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use http::{Method, StatusCode};
use serde_json::Value;

use super::{FakeApiFailure, FakeApiRequest, answer::Answer, events::Events};
use crate::api::{ApiKey, ApiRequest};

/// The account of an object. `None` is the API key's.
pub(super) type Account = Option<Box<str>>;

#[derive(Default)]
pub(super) struct Store {
    pub(super) key: Option<ApiKey>,
    pub(super) failures: VecDeque<FakeApiFailure>,
    pub(super) requests: Vec<FakeApiRequest>,
    objects: BTreeMap<(Account, Box<str>), String>,
    /// The accounts that have, or had, an object.
    accounts: BTreeSet<Account>,
    events: Events,
}

impl Store {
    pub(super) fn insert(&mut self, account: Option<&str>, path: &str, json: String) {
        let is_path = ApiRequest::new(path).is_ok() && names_object(path);
        assert!(is_path, "`{path}` must be the path of an object, such as `/v1/invoices/in_1`");
        let is_object = serde_json::from_str::<Value>(&json).is_ok_and(|value| value.is_object());
        assert!(is_object, "the object at {path} must be JSON");
        self.accounts.insert(account.map(Into::into));
        self.objects.insert((account.map(Into::into), path.into()), json);
    }

    pub(super) fn insert_event(&mut self, json: String) {
        let (account, path) = self.events.insert(&json);
        self.insert(account.as_deref(), &path, json);
    }

    pub(super) fn mark_delivered(&mut self, event_id: &str) {
        self.events.mark_delivered(event_id);
    }

    pub(super) fn remove(&mut self, account: Option<&str>, path: &str) {
        let account: Account = account.map(Into::into);
        self.events.remove(&account, path);
        self.objects.remove(&(account, path.into()));
    }

    pub(super) fn answer(&mut self, request: &FakeApiRequest) -> Answer {
        let failure = self.failures.iter_mut().find_map(|failure| failure.apply(request));
        self.failures.retain(|failure| !failure.is_used_up());
        failure.unwrap_or_else(|| self.answer_of_stripe(request).unwrap_or_else(|error| error))
    }

    fn answer_of_stripe(&self, request: &FakeApiRequest) -> Result<Answer, Answer> {
        self.check_key(request)?;
        let path = request.path();
        if path.starts_with("/v2/") && request.header("stripe-version").is_none() {
            let message = "Requests to API v2 need the header Stripe-Version.";
            return Err(Answer::error(StatusCode::BAD_REQUEST, Some("missing_version"), message));
        }
        if request.method() != Method::GET {
            return Err(unknown_path(request));
        }
        let account = self.account(request)?;
        if let Some(page) = self.events.page(&account, path, request.query().unwrap_or_default()) {
            return page;
        }
        match self.objects.get(&(account, path.into())) {
            Some(json) => Ok(Answer::json(json.clone())),
            None if names_object(path) => Err(missing(path)),
            None => Err(unknown_path(request)),
        }
    }

    fn check_key(&self, request: &FakeApiRequest) -> Result<(), Answer> {
        let authorization = request.header("authorization").unwrap_or_default();
        let message = match authorization.strip_prefix("Bearer ").map(ApiKey::new) {
            None => "The request has no API key in the header Authorization.",
            Some(Ok(key))
                if self
                    .key
                    .as_ref()
                    .is_none_or(|own| own.expose_secret() == key.expose_secret()) =>
            {
                return Ok(());
            }
            Some(_) => "The API key is not valid.",
        };
        Err(Answer::error(StatusCode::UNAUTHORIZED, None, message))
    }

    fn account(&self, request: &FakeApiRequest) -> Result<Account, Answer> {
        let account = match (request.header("stripe-account"), request.header("stripe-context")) {
            (Some(_), Some(_)) => {
                let message = "A request has either Stripe-Account or Stripe-Context.";
                return Err(Answer::error(StatusCode::BAD_REQUEST, None, message));
            }
            (Some(account), None) | (None, Some(account)) => Some(account.into()),
            (None, None) => return Ok(None),
        };
        if self.accounts.contains(&account) {
            return Ok(account);
        }
        let message = "The API key has no access to the account, or there is none.";
        Err(Answer::error(StatusCode::FORBIDDEN, Some("account_invalid"), message))
    }
}

/// Whether a path has something after the name of a collection, such as `/v1/invoices/in_1`.
fn names_object(path: &str) -> bool {
    let is_below = |version: &str, depth: usize| {
        path.strip_prefix(version).is_some_and(|rest| rest.split('/').count() >= depth)
    };
    // The path of an account's own object, such as `/v1/balance`, has one segment.
    is_below("/v1/", 2) || is_below("/v2/", 3) || SINGLETONS.contains(&path)
}

/// Objects of which an account has one.
const SINGLETONS: [&str; 3] = ["/v1/account", "/v1/balance", "/v1/balance_settings"];

fn missing(path: &str) -> Answer {
    let code = if path.starts_with("/v2/") { "not_found" } else { "resource_missing" };
    let id = path.rsplit('/').next().unwrap_or_default();
    Answer::error(StatusCode::NOT_FOUND, Some(code), &format!("There is no object '{id}'."))
}

fn unknown_path(request: &FakeApiRequest) -> Answer {
    let message = format!("Unrecognized request URL ({}: {}).", request.method(), request.path());
    Answer::error(StatusCode::NOT_FOUND, None, &message)
}
