//! Sequences of events, to replay in their order or in another.

use std::{ops::Deref, slice, vec};

use super::{
    Sample, customer_subscription_created, customer_subscription_deleted,
    customer_subscription_trial_will_end, customer_subscription_updated, invoice_paid,
    invoice_payment_failed,
};

const DAY: i64 = 86_400;

/// When the subscription of [`subscription`] is created, in Unix seconds.
const START: i64 = 1_795_446_998;

/// A list of events about the same objects, in the order in which they occur.
///
/// It derefs to a slice of samples.
#[derive(Clone, Debug)]
#[must_use]
pub struct Sequence(Vec<Sample>);

/// The life of a subscription: created, on trial, paid, past due and canceled.
///
/// | event | status | what happens |
/// |---|---|---|
/// | `customer.subscription.created` | `trialing` | a trial of 14 days begins |
/// | `invoice.paid` | | the invoice of the trial, of no amount |
/// | `customer.subscription.trial_will_end` | `trialing` | three days before the end of the trial |
/// | `customer.subscription.updated` | `active` | the trial ends, and the first period begins |
/// | `invoice.paid` | | the invoice of the first period is paid |
/// | `customer.subscription.updated` | `active` | the second period begins |
/// | `invoice.payment_failed` | | the payment of the second period fails |
/// | `customer.subscription.updated` | `past_due` | |
/// | `customer.subscription.deleted` | `canceled` | the last attempt has failed |
///
/// All events have the same customer and subscription, ids of their own, and rising times.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::test_util::samples::sequence;
///
/// let events = sequence::subscription().each(|event| event.customer("cus_1"));
/// for event in events.shuffled(7) {
///     println!("{}", event.verified().id());
/// }
/// ```
pub fn subscription() -> Sequence {
    let trial_end = START + 14 * DAY;
    let renewal = trial_end + 30 * DAY;
    let second_end = renewal + 30 * DAY;
    let canceled = renewal + 21 * DAY;
    let [trial, first, second] = [
        "in_1SampleInvoice0000000001",
        "in_1SampleInvoice0000000002",
        "in_1SampleInvoice0000000003",
    ];
    let on_trial = |sample: Sample| {
        sample
            .status("trialing")
            .trial_start(START)
            .trial_end(trial_end)
            .current_period_start(START)
            .current_period_end(trial_end)
            .latest_invoice(trial)
    };
    let updated = || customer_subscription_updated().trial_start(START).trial_end(trial_end);
    let in_period = |sample: Sample, start: i64, end: i64| {
        sample.current_period_start(start).current_period_end(end)
    };
    let events = [
        (START + 2, on_trial(customer_subscription_created())),
        (START + 3, invoice_paid().object_id(trial).amount(0)),
        (trial_end - 3 * DAY, on_trial(customer_subscription_trial_will_end())),
        (
            trial_end + 1,
            in_period(updated().latest_invoice(first), trial_end, renewal)
                .previous("status", "trialing")
                .previous("latest_invoice", trial),
        ),
        (trial_end + 3_600, invoice_paid().object_id(first).billing_reason("subscription_cycle")),
        (
            renewal + 1,
            in_period(updated().latest_invoice(second), renewal, second_end)
                .previous("latest_invoice", first),
        ),
        (
            renewal + 3_600,
            invoice_payment_failed().object_id(second).billing_reason("subscription_cycle"),
        ),
        (
            renewal + 3_601,
            in_period(updated().latest_invoice(second), renewal, second_end)
                .status("past_due")
                .previous("status", "active"),
        ),
        (
            canceled,
            in_period(customer_subscription_deleted().latest_invoice(second), renewal, second_end)
                .trial_start(START)
                .trial_end(trial_end)
                .canceled_at(canceled)
                .ended_at(canceled)
                .cancel_at_period_end(false)
                .cancel_at(None)
                .set("/data/object/cancellation_details/feedback", None::<&str>)
                .set("/data/object/cancellation_details/reason", "payment_failed"),
        ),
    ];
    Sequence(
        (1..)
            .zip(events)
            .map(|(number, (created, sample))| {
                sample.id(&format!("evt_1SampleSequence{number:02}")).created(created)
            })
            .collect(),
    )
}

impl Sequence {
    /// Changes each event, for example `each(|event| event.customer("cus_1"))`, or
    /// `each(Sample::thin)` for thin events.
    pub fn each(self, change: impl FnMut(Sample) -> Sample) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// Puts the events into a random order, which depends on `seed` only.
    pub fn shuffled(mut self, seed: u64) -> Self {
        let mut state = seed;
        for i in (1..self.0.len()).rev() {
            // A number of 32 bits fits into a `usize` of each platform that has tests.
            let random = split_mix(&mut state) >> 32;
            let random = usize::try_from(random).unwrap_or_default();
            self.0.swap(i, random % (i + 1));
        }
        self
    }
}

/// The generator `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Deref for Sequence {
    type Target = [Sample];

    fn deref(&self) -> &[Sample] {
        &self.0
    }
}

impl IntoIterator for Sequence {
    type Item = Sample;
    type IntoIter = vec::IntoIter<Sample>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Sequence {
    type Item = &'a Sample;
    type IntoIter = slice::Iter<'a, Sample>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
