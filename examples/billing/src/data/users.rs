//! Users: a customer, or an email address with all customers that have it.

use crate::email;

/// A user by whom the other tables are searched.
#[derive(Clone, Debug)]
pub enum User {
    /// A customer's id, which only finds what belongs to this customer at Stripe. Buyers can enter
    /// any address at Checkout.
    Customer(String),
    /// A normalized email address: finds what was bought with it, and what its customers have.
    Email(String),
}

impl User {
    /// Takes an email address in any case, or a customer's id.
    pub fn new(asked: &str) -> Self {
        // An unencoded `+` in a URL is read as a space, which no email address contains.
        match asked.contains('@') {
            true => Self::Email(email::normalize(asked).replace(' ', "+")),
            false => Self::Customer(asked.to_owned()),
        }
    }

    /// Returns the normalized email address, or the customer's id.
    pub fn into_identity(self) -> String {
        match self {
            Self::Customer(identity) | Self::Email(identity) => identity,
        }
    }

    pub(super) fn customer_id(&self) -> Option<&str> {
        match self {
            Self::Customer(id) => Some(id),
            Self::Email(_) => None,
        }
    }

    pub(super) fn email(&self) -> Option<&str> {
        match self {
            Self::Customer(_) => None,
            Self::Email(email) => Some(email),
        }
    }
}
