//! Cards and sources, which paid charges before payment methods existed.

use serde_json::value::RawValue;

use super::{
    Address, BillingDetails, Expandable, OtherObject,
    expandable::link,
    lenient::{Element, JsonSlot, Slot, move_into},
    macros::object,
    write::View,
};

object! {
    /// A payment card.
    pub struct Card then unify_card {
        /// Returns the brand, such as `visa`.
        ///
        /// API versions before 2019-02-11 may write `Visa`. Those before 2014-06-13 have it as
        /// `type`.
        pub brand: Option<String>,
        /// Returns the last four digits of the number.
        pub last4: Option<String>,
        /// Returns the month of expiration, from 1 to 12.
        pub exp_month: Option<i64>,
        /// Returns the year of expiration, with four digits.
        pub exp_year: Option<i64>,
        /// Returns the country of the issuer as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the funding type: `credit`, `debit`, `prepaid` or `unknown`.
        pub funding: Option<String>,
        brand_before_2014 as "type": Option<String>,
    }
}

fn unify_card(card: &mut Card) {
    move_into(&mut card.brand, &mut card.brand_before_2014);
}

/// The payment method of an old charge: a card, a bank account, or a source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    /// The link to the source. `None` for a card of 2012, which has no id.
    pub(super) link: Option<Expandable<OtherObject>>,
    pub(super) kind: Option<String>,
    pub(super) card: Option<Card>,
    pub(super) billing_details: Option<BillingDetails>,
}

impl Element for Source {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::Json(element)
    }

    fn view(&self) -> View<'_> {
        let card = || self.card.as_ref().map_or(View::Absent, Element::view);
        self.link.as_ref().map_or_else(card, Element::view)
    }
}

impl JsonSlot for Option<Source> {
    fn set(&mut self, json: Option<Box<RawValue>>) {
        *self = json.and_then(source);
    }
}

fn source(json: Box<RawValue>) -> Option<Source> {
    let Ok(object) = serde_json::from_str::<SourceObject>(json.get()) else {
        let link = Some(link(json)?);
        return Some(Source { link, kind: None, card: None, billing_details: None });
    };
    let billing_details = object.billing_details();
    // A card is either the source itself or a field of a source.
    let (kind, card) = match object.object.as_deref() {
        Some("source") => (object.kind, object.card),
        Some("card") => (object.object, serde_json::from_str(json.get()).ok()),
        _ => (object.object, None),
    };
    Some(Source { link: link(json), kind, card, billing_details })
}

object! {
    struct SourceObject {
        object: Option<String>,
        kind as "type": Option<String>,
        card: Option<Card>,
        owner: Option<BillingDetails>,
        name: Option<String>,
        address_city: Option<String>,
        address_country: Option<String>,
        address_line1: Option<String>,
        address_line2: Option<String>,
        address_state: Option<String>,
        address_zip: Option<String>,
    }
}

impl SourceObject {
    /// Returns the owner of a source, or the contact details entered with a card.
    fn billing_details(&self) -> Option<BillingDetails> {
        let address = Address {
            city: self.address_city.clone(),
            country: self.address_country.clone(),
            line1: self.address_line1.clone(),
            line2: self.address_line2.clone(),
            postal_code: self.address_zip.clone(),
            state: self.address_state.clone(),
        };
        let address = (address != Address::default()).then_some(address);
        let entered = BillingDetails { address, name: self.name.clone(), email: None, phone: None };
        self.owner.clone().or_else(|| (entered != BillingDetails::default()).then_some(entered))
    }
}
