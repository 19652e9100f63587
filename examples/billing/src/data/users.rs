//! Who a user is: a customer, or an email address with every customer that has it.

use crate::email;

/// A user, as the other tables are searched for one.
#[derive(Clone, Debug)]
pub enum User {
    /// A customer's id: what is Stripe's of this customer alone, because the email address is whatever the buyer typed at Checkout.
    Customer(String),
    /// An email address, folded: what was bought with it, and what the customers have that have it.
    Email(String),
}

impl User {
    /// Who is meant by an email address (any case), or else by a customer's id.
    pub fn new(asked: &str) -> Self {
        // A `+` in a URL that nobody has encoded is read as a space, which no email address has.
        match asked.contains('@') {
            true => Self::Email(email::fold(asked).replace(' ', "+")),
            false => Self::Customer(asked.to_owned()),
        }
    }

    /// As it was asked for: the email address folded, or the customer's id.
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
