//! Which email address a customer has, derived from what events say.
//!
//! Two statements are kept, each the newest of its kind, so neither the order nor the repetition of events matters.

/// What is known of a customer's address. Nothing is known before the first event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerEmail {
    /// From the customer's own events.
    pub own: Option<OwnEmail>,
    /// From checkout sessions and invoices.
    pub told: Option<ToldEmail>,
}

/// The address in `customer.created` or `customer.updated`.
///
/// The fields are in order of weight: of one second, an update is later than the creation, and an address beats none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnEmail {
    /// When the event was created.
    pub at: i64,
    pub is_update: bool,
    /// `None` if it was removed.
    pub email: Option<String>,
}

/// The address in a checkout session or an invoice. The fields are in order of weight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldEmail {
    /// When the event was created.
    pub at: i64,
    /// Until when Stripe kept the address in the object up to date: an invoice has that of the time at which it was finalized.
    pub as_of: i64,
    pub email: String,
}

impl CustomerEmail {
    pub fn learn_own(&mut self, own: OwnEmail) {
        self.own = self.own.take().max(Some(own));
    }

    pub fn learn_told(&mut self, told: ToldEmail) {
        self.told = self.told.take().max(Some(told));
    }

    /// The customer's own word, unless an object has a newer address.
    pub fn email(&self) -> Option<&str> {
        match (&self.own, &self.told) {
            (Some(own), Some(told)) if told.as_of <= own.at => own.email.as_deref(),
            (_, Some(told)) => Some(&told.email),
            (Some(own), None) => own.email.as_deref(),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_orders::for_each_order;

    #[derive(Clone, Debug)]
    enum Word {
        Own(OwnEmail),
        Told(ToldEmail),
    }

    fn created(at: i64, email: &str) -> Word {
        Word::Own(OwnEmail { at, is_update: false, email: Some(email.into()) })
    }

    fn updated(at: i64, email: Option<&str>) -> Word {
        Word::Own(OwnEmail { at, is_update: true, email: email.map(str::to_owned) })
    }

    fn told(at: i64, as_of: i64, email: &str) -> Word {
        Word::Told(ToldEmail { at, as_of, email: email.into() })
    }

    fn email_after<'w>(words: impl IntoIterator<Item = &'w Word>) -> Option<String> {
        let mut customer = CustomerEmail::default();
        for word in words {
            match word.clone() {
                Word::Own(own) => customer.learn_own(own),
                Word::Told(told) => customer.learn_told(told),
            }
        }
        customer.email().map(str::to_owned)
    }

    #[test]
    fn the_newest_address_counts_in_every_order() {
        let cases: [(&[Word], Option<&str>); 9] = [
            (&[], None),
            (&[told(1, 1, "old"), told(2, 2, "new")], Some("new")),
            (&[created(1, "old"), updated(2, Some("new"))], Some("new")),
            (&[created(5, "old"), updated(5, Some("new")), told(5, 5, "zzz")], Some("new")),
            (&[told(1, 1, "old"), updated(2, Some("new")), told(3, 3, "newest")], Some("newest")),
            // The invoice was finalized before the address changed, and paid after that.
            (&[told(1, 1, "old"), updated(5, Some("new")), told(9, 1, "old")], Some("new")),
            (&[told(1, 1, "old"), updated(2, None)], None),
            (&[updated(2, None), told(3, 3, "new")], Some("new")),
            (&[updated(2, None), updated(2, Some("a")), updated(2, Some("b"))], Some("b")),
        ];
        for (words, email) in cases {
            for_each_order(&mut words.to_vec(), &mut |order| {
                assert_eq!(email_after(order).as_deref(), email, "{order:?}");
                assert_eq!(email_after(order.iter().chain(order)).as_deref(), email, "{order:?}, repeated");
            });
        }
    }
}
