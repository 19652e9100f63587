//! The customers' pages: a search, and one page per user.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    error::PortalError,
    frame::{Frame, Section, page},
    moment::Moment,
    number,
    session::Session,
};
use crate::{
    app::AppState,
    billing::subscription::Subscription,
    data::{
        credits::{self, Holder, Transaction},
        subscriptions::{self, FoundSubscription},
        users::User,
    },
};

/// The most subscriptions and the most users with credits that are listed.
const PAGE_SIZE: i64 = 50;

/// The longest query. Stripe's ids have at most 255 characters, and its email addresses 512.
const MAX_QUERY_CHARS: usize = 512;

pub fn routes() -> Router<AppState> {
    Router::new().route("/admin/customers", get(search)).route("/admin/customers/user", get(show))
}

#[derive(Template)]
#[template(path = "customers.html")]
struct CustomersPage {
    frame: Frame,
    query: String,
    subscriptions: Vec<FoundSubscription>,
    credits: Vec<Holder>,
}

#[derive(Template)]
#[template(path = "customer.html")]
struct CustomerPage {
    frame: Frame,
    user: String,
    subscription: Option<(String, Subscription)>,
    balance: i64,
    transactions: Vec<Transaction>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Search {
    q: String,
}

async fn search(
    State(app): State<AppState>,
    session: Session,
    search: Result<Query<Search>, QueryRejection>,
) -> Result<Response, PortalError> {
    let Query(Search { q }) = search?;
    let query = searchable(&q)?.to_owned();
    let subscriptions =
        subscriptions::search(app.database.reader(), app.mode, &query, PAGE_SIZE).await?;
    let holders = credits::search(app.database.reader(), app.mode, &query, PAGE_SIZE).await?;
    page(&CustomersPage {
        frame: Frame::new(&app, session, Section::Customers, "Customers").await?,
        query,
        subscriptions,
        credits: holders,
    })
}

#[derive(Debug, Deserialize)]
struct UserQuery {
    id: String,
}

/// Shows one user, with the same data as the API.
async fn show(
    State(app): State<AppState>,
    session: Session,
    asked: Result<Query<UserQuery>, QueryRejection>,
) -> Result<Response, PortalError> {
    let Query(UserQuery { id }) = asked?;
    let user = User::new(searchable(&id)?);
    let subscription = subscriptions::current(app.database.reader(), app.mode, &user).await?;
    let account = credits::account(app.database.reader(), app.mode, &user).await?;
    page(&CustomerPage {
        frame: Frame::new(&app, session, Section::Customers, "Customer").await?,
        user: user.into_identity(),
        subscription: subscription.map(|(id, known)| (id, known.subscription())),
        balance: account.balance,
        transactions: account.transactions,
    })
}

/// Trims a query. Rejects texts that no email address or id contains: Postgres also fails on a NUL.
fn searchable(text: &str) -> Result<&str, PortalError> {
    let text = text.trim();
    if text.chars().count() > MAX_QUERY_CHARS || text.contains(char::is_control) {
        return Err(PortalError::InvalidSearch);
    }
    Ok(text)
}
