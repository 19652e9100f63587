//! The price of credits.

use thiserror::Error;

/// The credits that one US dollar buys.
#[derive(Clone, Copy, Debug)]
pub struct CreditRate(i64);

impl CreditRate {
    pub const MAX: i64 = 1_000_000;

    /// Takes a rate from 1 to [`MAX`](Self::MAX).
    pub fn new(credits_per_usd: i64) -> Option<Self> {
        (1..=Self::MAX).contains(&credits_per_usd).then_some(Self(credits_per_usd))
    }

    /// Returns the credits for `total - tax` cents, rounded down.
    pub fn credits_for(self, total: i64, tax: i64) -> Result<i64, AmountError> {
        if total < 0 {
            return Err(AmountError::Negative(total));
        }
        if total > MAX_CENTS {
            return Err(AmountError::TooLarge(total));
        }
        if tax < 0 {
            return Err(AmountError::NegativeTax(tax));
        }
        if tax > total {
            return Err(AmountError::TaxAboveTotal { tax, total });
        }
        let credits = i128::from(total - tax) * i128::from(self.0) / 100;
        i64::try_from(credits).map_err(|_| AmountError::TooLarge(total))
    }
}

impl Default for CreditRate {
    fn default() -> Self {
        Self(1_000)
    }
}

/// Stripe accepts amounts of up to 12 digits
/// (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>). The limit also keeps
/// the sum of a ledger far below the maximum of an `i64`.
const MAX_CENTS: i64 = 999_999_999_999;

#[derive(Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    #[error("amount_total is negative: {0}")]
    Negative(i64),
    #[error("amount_total is larger than Stripe's maximum: {0}")]
    TooLarge(i64),
    #[error("total_details.amount_tax is negative: {0}")]
    NegativeTax(i64),
    #[error("total_details.amount_tax is larger than amount_total: {tax} of {total}")]
    TaxAboveTotal { tax: i64, total: i64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_buys_the_rate_and_fractions_of_a_credit_are_dropped() {
        for (rate, cents, credits) in [
            (1_000, 0, 0),
            (1_000, 1, 10),
            (1_000, 2_000, 20_000),
            (1, 99, 0),
            (1, 100, 1),
            (1, 199, 1),
            (3, 50, 1),
            (1_000, 999_999_999_999, 9_999_999_999_990),
            (CreditRate::MAX, 999_999_999_999, 9_999_999_999_990_000),
        ] {
            assert_eq!(
                CreditRate::new(rate).unwrap().credits_for(cents, 0),
                Ok(credits),
                "{rate} {cents}"
            );
        }
    }

    #[test]
    fn an_amount_that_is_negative_or_too_large_buys_nothing() {
        let rate = CreditRate::default();
        for cents in [-1, -2_000, i64::MIN] {
            assert_eq!(rate.credits_for(cents, 0), Err(AmountError::Negative(cents)));
        }
        for cents in [1_000_000_000_000, i64::MAX] {
            assert_eq!(rate.credits_for(cents, 0), Err(AmountError::TooLarge(cents)));
        }
    }

    #[test]
    fn tax_buys_nothing() {
        let rate = CreditRate::default();
        for (total, tax, credits) in
            [(2_380, 380, 20_000), (2_000, 0, 20_000), (2_000, 1, 19_990), (1, 1, 0), (0, 0, 0)]
        {
            assert_eq!(rate.credits_for(total, tax), Ok(credits), "{total} {tax}");
        }
        for tax in [-1, i64::MIN] {
            assert_eq!(rate.credits_for(2_000, tax), Err(AmountError::NegativeTax(tax)));
        }
        for (total, tax) in [(2_000, 2_001), (0, 1), (0, i64::MAX)] {
            assert_eq!(
                rate.credits_for(total, tax),
                Err(AmountError::TaxAboveTotal { tax, total })
            );
        }
        assert_eq!(
            rate.credits_for(1_000_000_000_000, 1),
            Err(AmountError::TooLarge(1_000_000_000_000))
        );
    }

    #[test]
    fn a_rate_is_from_one_to_a_million() {
        for rate in [i64::MIN, -1, 0, 1_000_001, i64::MAX] {
            assert!(CreditRate::new(rate).is_none(), "{rate}");
        }
        for rate in [1, 1_000, 1_000_000] {
            assert!(CreditRate::new(rate).is_some(), "{rate}");
        }
    }
}
