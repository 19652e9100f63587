//! Event types.
//!
//! Source: the `type` unions of stripe-node 23.1 (API version 2026-10-28.endive),
//! <https://docs.stripe.com/api/events/types>.

use super::open_enum::open_enum;

/// Declares the event types: the name, and after `|` the thin name if the name is of a snapshot
/// type that has a thin twin.
macro_rules! event_types {
    (
        $(#[$meta:meta])*
        pub enum EventType {
            $($variant:ident => $name:literal $(| $thin_name:literal)?,)*
        }
    ) => {
        open_enum! {
            $(#[$meta])*
            pub enum EventType {
                $($variant => $name $(| $thin_name)?,)*
            }
        }

        impl EventType {
            /// The name of the type in thin events, such as `v1.invoice.paid`.
            ///
            /// For a type that only thin events have, it is the same as [`as_str`](Self::as_str).
            /// `None` for a type that only snapshot events have, and for [`Other`](Self::Other).
            #[must_use]
            pub const fn thin_name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => const { thin_name($name, &[$($thin_name)?]) },)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

const fn thin_name(name: &'static str, twin: &[&'static str]) -> Option<&'static str> {
    match (name.as_bytes(), twin) {
        ([b'v', b'1' | b'2', b'.', ..], []) => Some(name),
        (_, []) => None,
        (_, [twin]) => {
            assert!(is_twin(name, twin), "the thin name is the snapshot name after `v1.`");
            Some(twin)
        }
        _ => panic!("a type has one thin name"),
    }
}

const fn is_twin(name: &str, thin_name: &str) -> bool {
    let (name, [b'v', b'1', b'.', twin @ ..]) = (name.as_bytes(), thin_name.as_bytes()) else {
        return false;
    };
    let mut i = 0;
    while i < name.len() && i < twin.len() && name[i] == twin[i] {
        i += 1;
    }
    i == name.len() && i == twin.len()
}

event_types! {
    /// The `type` of an event.
    ///
    /// All types of snapshot events and thin events are variants. A fact that both kinds of events
    /// tell has one variant: `invoice.paid` and `v1.invoice.paid` are [`InvoicePaid`], so one `match`
    /// handles both. [`as_str`](Self::as_str) and `Display` return the canonical name, which is the
    /// snapshot name if there is one; [`thin_name`](Self::thin_name) returns the other.
    /// [`Event::raw_type`](crate::Event::raw_type) is the name that was sent.
    ///
    /// Types that only thin events have are named after the part that follows `v1.`, such as
    /// [`CustomerSubscriptionPastDue`], or with a leading `V2`, such as
    /// [`V2CoreAccountRequirementsUpdated`].
    ///
    /// Types that Stripe adds after this release are [`Other`](Self::Other) and keep their text, so
    /// that no type is rejected. Comparing with a text continues to work when a later release adds a
    /// variant: each name of a type is equal to the type.
    ///
    /// [`InvoicePaid`]: Self::InvoicePaid
    /// [`CustomerSubscriptionPastDue`]: Self::CustomerSubscriptionPastDue
    /// [`V2CoreAccountRequirementsUpdated`]: Self::V2CoreAccountRequirementsUpdated
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::EventType;
    ///
    /// assert_eq!(EventType::from("invoice.paid"), EventType::InvoicePaid);
    /// assert_eq!(EventType::from("v1.invoice.paid"), EventType::InvoicePaid);
    /// assert_eq!(EventType::InvoicePaid.to_string(), "invoice.paid");
    /// assert_eq!(EventType::InvoicePaid.thin_name(), Some("v1.invoice.paid"));
    ///
    /// let thin_only = EventType::from("v1.customer.subscription.past_due");
    /// assert_eq!(thin_only, EventType::CustomerSubscriptionPastDue);
    /// assert_eq!(thin_only.as_str(), "v1.customer.subscription.past_due");
    ///
    /// let new = EventType::from("v2.something.new");
    /// assert!(matches!(new, EventType::Other(_)));
    /// assert_eq!(new, "v2.something.new");
    /// ```
    pub enum EventType {
        AccountApplicationAuthorized => "account.application.authorized" | "v1.account.application.authorized",
        AccountApplicationDeauthorized => "account.application.deauthorized" | "v1.account.application.deauthorized",
        AccountExternalAccountCreated => "account.external_account.created" | "v1.account.external_account.created",
        AccountExternalAccountDeleted => "account.external_account.deleted" | "v1.account.external_account.deleted",
        AccountExternalAccountUpdated => "account.external_account.updated" | "v1.account.external_account.updated",
        AccountUpdated => "account.updated" | "v1.account.updated",
        ApplicationFeeCreated => "application_fee.created" | "v1.application_fee.created",
        ApplicationFeeRefundUpdated => "application_fee.refund.updated" | "v1.application_fee.refund.updated",
        ApplicationFeeRefunded => "application_fee.refunded" | "v1.application_fee.refunded",
        AppsInstallCreated => "apps.install.created",
        AppsInstallDeleted => "apps.install.deleted",
        AppsInstallUpdated => "apps.install.updated",
        BalanceAvailable => "balance.available" | "v1.balance.available",
        BalanceSettingsUpdated => "balance_settings.updated" | "v1.balance_settings.updated",
        BillingAlertTriggered => "billing.alert.triggered" | "v1.billing.alert.triggered",
        BillingCreditBalanceTransactionCreated => "billing.credit_balance_transaction.created" | "v1.billing.credit_balance_transaction.created",
        BillingCreditGrantCreated => "billing.credit_grant.created" | "v1.billing.credit_grant.created",
        BillingCreditGrantUpdated => "billing.credit_grant.updated" | "v1.billing.credit_grant.updated",
        BillingMeterCreated => "billing.meter.created" | "v1.billing.meter.created",
        BillingMeterDeactivated => "billing.meter.deactivated" | "v1.billing.meter.deactivated",
        BillingMeterReactivated => "billing.meter.reactivated" | "v1.billing.meter.reactivated",
        BillingMeterUpdated => "billing.meter.updated" | "v1.billing.meter.updated",
        BillingPortalConfigurationCreated => "billing_portal.configuration.created" | "v1.billing_portal.configuration.created",
        BillingPortalConfigurationUpdated => "billing_portal.configuration.updated" | "v1.billing_portal.configuration.updated",
        BillingPortalSessionCreated => "billing_portal.session.created" | "v1.billing_portal.session.created",
        CapabilityUpdated => "capability.updated" | "v1.capability.updated",
        CashBalanceFundsAvailable => "cash_balance.funds_available" | "v1.cash_balance.funds_available",
        ChargeCaptured => "charge.captured" | "v1.charge.captured",
        ChargeDisputeClosed => "charge.dispute.closed" | "v1.charge.dispute.closed",
        ChargeDisputeCreated => "charge.dispute.created" | "v1.charge.dispute.created",
        ChargeDisputeFundsReinstated => "charge.dispute.funds_reinstated" | "v1.charge.dispute.funds_reinstated",
        ChargeDisputeFundsWithdrawn => "charge.dispute.funds_withdrawn" | "v1.charge.dispute.funds_withdrawn",
        ChargeDisputeUpdated => "charge.dispute.updated" | "v1.charge.dispute.updated",
        ChargeExpired => "charge.expired" | "v1.charge.expired",
        ChargeFailed => "charge.failed" | "v1.charge.failed",
        ChargePending => "charge.pending" | "v1.charge.pending",
        ChargeRefundUpdated => "charge.refund.updated" | "v1.charge.refund.updated",
        ChargeRefunded => "charge.refunded" | "v1.charge.refunded",
        ChargeSucceeded => "charge.succeeded" | "v1.charge.succeeded",
        ChargeUpdated => "charge.updated" | "v1.charge.updated",
        CheckoutSessionAsyncPaymentFailed => "checkout.session.async_payment_failed" | "v1.checkout.session.async_payment_failed",
        CheckoutSessionAsyncPaymentSucceeded => "checkout.session.async_payment_succeeded" | "v1.checkout.session.async_payment_succeeded",
        CheckoutSessionCompleted => "checkout.session.completed" | "v1.checkout.session.completed",
        CheckoutSessionExpired => "checkout.session.expired" | "v1.checkout.session.expired",
        ClimateOrderCanceled => "climate.order.canceled" | "v1.climate.order.canceled",
        ClimateOrderCreated => "climate.order.created" | "v1.climate.order.created",
        ClimateOrderDelayed => "climate.order.delayed" | "v1.climate.order.delayed",
        ClimateOrderDelivered => "climate.order.delivered" | "v1.climate.order.delivered",
        ClimateOrderProductSubstituted => "climate.order.product_substituted" | "v1.climate.order.product_substituted",
        ClimateProductCreated => "climate.product.created" | "v1.climate.product.created",
        ClimateProductPricingUpdated => "climate.product.pricing_updated" | "v1.climate.product.pricing_updated",
        CouponCreated => "coupon.created" | "v1.coupon.created",
        CouponDeleted => "coupon.deleted" | "v1.coupon.deleted",
        CouponUpdated => "coupon.updated" | "v1.coupon.updated",
        CreditNoteCreated => "credit_note.created" | "v1.credit_note.created",
        CreditNoteUpdated => "credit_note.updated" | "v1.credit_note.updated",
        CreditNoteVoided => "credit_note.voided" | "v1.credit_note.voided",
        CustomerCreated => "customer.created" | "v1.customer.created",
        CustomerDeleted => "customer.deleted" | "v1.customer.deleted",
        CustomerDiscountCreated => "customer.discount.created" | "v1.customer.discount.created",
        CustomerDiscountDeleted => "customer.discount.deleted" | "v1.customer.discount.deleted",
        CustomerDiscountUpdated => "customer.discount.updated" | "v1.customer.discount.updated",
        CustomerSourceCreated => "customer.source.created",
        CustomerSourceDeleted => "customer.source.deleted",
        CustomerSourceExpiring => "customer.source.expiring",
        CustomerSourceUpdated => "customer.source.updated",
        CustomerSubscriptionCreated => "customer.subscription.created" | "v1.customer.subscription.created",
        CustomerSubscriptionDeleted => "customer.subscription.deleted" | "v1.customer.subscription.deleted",
        CustomerSubscriptionPaused => "customer.subscription.paused" | "v1.customer.subscription.paused",
        CustomerSubscriptionPendingUpdateApplied => "customer.subscription.pending_update_applied" | "v1.customer.subscription.pending_update_applied",
        CustomerSubscriptionPendingUpdateExpired => "customer.subscription.pending_update_expired" | "v1.customer.subscription.pending_update_expired",
        CustomerSubscriptionResumed => "customer.subscription.resumed" | "v1.customer.subscription.resumed",
        CustomerSubscriptionTrialWillEnd => "customer.subscription.trial_will_end" | "v1.customer.subscription.trial_will_end",
        CustomerSubscriptionUpdated => "customer.subscription.updated" | "v1.customer.subscription.updated",
        CustomerTaxIdCreated => "customer.tax_id.created" | "v1.customer.tax_id.created",
        CustomerTaxIdDeleted => "customer.tax_id.deleted" | "v1.customer.tax_id.deleted",
        CustomerTaxIdUpdated => "customer.tax_id.updated" | "v1.customer.tax_id.updated",
        CustomerUpdated => "customer.updated" | "v1.customer.updated",
        CustomerCashBalanceTransactionCreated => "customer_cash_balance_transaction.created" | "v1.customer_cash_balance_transaction.created",
        EntitlementsActiveEntitlementSummaryUpdated => "entitlements.active_entitlement_summary.updated" | "v1.entitlements.active_entitlement_summary.updated",
        FileCreated => "file.created" | "v1.file.created",
        FinancialConnectionsAccountAccountNumbersUpdated => "financial_connections.account.account_numbers_updated" | "v1.financial_connections.account.account_numbers_updated",
        FinancialConnectionsAccountCreated => "financial_connections.account.created" | "v1.financial_connections.account.created",
        FinancialConnectionsAccountDeactivated => "financial_connections.account.deactivated" | "v1.financial_connections.account.deactivated",
        FinancialConnectionsAccountDisconnected => "financial_connections.account.disconnected" | "v1.financial_connections.account.disconnected",
        FinancialConnectionsAccountExpectedDeactivationDateUpdated => "financial_connections.account.expected_deactivation_date_updated" | "v1.financial_connections.account.expected_deactivation_date_updated",
        FinancialConnectionsAccountReactivated => "financial_connections.account.reactivated" | "v1.financial_connections.account.reactivated",
        FinancialConnectionsAccountRefreshedBalance => "financial_connections.account.refreshed_balance" | "v1.financial_connections.account.refreshed_balance",
        FinancialConnectionsAccountRefreshedOwnership => "financial_connections.account.refreshed_ownership" | "v1.financial_connections.account.refreshed_ownership",
        FinancialConnectionsAccountRefreshedTransactions => "financial_connections.account.refreshed_transactions" | "v1.financial_connections.account.refreshed_transactions",
        FinancialConnectionsAccountSupportedPaymentMethodTypesUpdated => "financial_connections.account.supported_payment_method_types_updated" | "v1.financial_connections.account.supported_payment_method_types_updated",
        FinancialConnectionsAccountUpcomingAccountNumberExpiry => "financial_connections.account.upcoming_account_number_expiry" | "v1.financial_connections.account.upcoming_account_number_expiry",
        FinancialConnectionsAccountUpcomingDeactivation => "financial_connections.account.upcoming_deactivation" | "v1.financial_connections.account.upcoming_deactivation",
        FinancialConnectionsAuthorizationExpectedDeactivationDateUpdated => "financial_connections.authorization.expected_deactivation_date_updated",
        FinancialConnectionsAuthorizationUpcomingDeactivation => "financial_connections.authorization.upcoming_deactivation",
        IdentityVerificationSessionCanceled => "identity.verification_session.canceled" | "v1.identity.verification_session.canceled",
        IdentityVerificationSessionCreated => "identity.verification_session.created" | "v1.identity.verification_session.created",
        IdentityVerificationSessionProcessing => "identity.verification_session.processing" | "v1.identity.verification_session.processing",
        IdentityVerificationSessionRedacted => "identity.verification_session.redacted" | "v1.identity.verification_session.redacted",
        IdentityVerificationSessionRequiresInput => "identity.verification_session.requires_input" | "v1.identity.verification_session.requires_input",
        IdentityVerificationSessionVerified => "identity.verification_session.verified" | "v1.identity.verification_session.verified",
        InvoiceCreated => "invoice.created" | "v1.invoice.created",
        InvoiceDeleted => "invoice.deleted" | "v1.invoice.deleted",
        InvoiceFinalizationFailed => "invoice.finalization_failed" | "v1.invoice.finalization_failed",
        InvoiceFinalized => "invoice.finalized" | "v1.invoice.finalized",
        InvoiceMarkedUncollectible => "invoice.marked_uncollectible" | "v1.invoice.marked_uncollectible",
        InvoiceOverdue => "invoice.overdue" | "v1.invoice.overdue",
        InvoiceOverpaid => "invoice.overpaid" | "v1.invoice.overpaid",
        InvoicePaid => "invoice.paid" | "v1.invoice.paid",
        InvoicePaymentActionRequired => "invoice.payment_action_required" | "v1.invoice.payment_action_required",
        InvoicePaymentAttemptRequired => "invoice.payment_attempt_required" | "v1.invoice.payment_attempt_required",
        InvoicePaymentFailed => "invoice.payment_failed" | "v1.invoice.payment_failed",
        InvoicePaymentSucceeded => "invoice.payment_succeeded" | "v1.invoice.payment_succeeded",
        InvoiceSent => "invoice.sent" | "v1.invoice.sent",
        InvoiceUpcoming => "invoice.upcoming" | "v1.invoice.upcoming",
        InvoiceUpdated => "invoice.updated" | "v1.invoice.updated",
        InvoiceVoided => "invoice.voided" | "v1.invoice.voided",
        InvoiceWillBeDue => "invoice.will_be_due" | "v1.invoice.will_be_due",
        InvoicePaymentPaid => "invoice_payment.paid" | "v1.invoice_payment.paid",
        InvoiceitemCreated => "invoiceitem.created" | "v1.invoiceitem.created",
        InvoiceitemDeleted => "invoiceitem.deleted" | "v1.invoiceitem.deleted",
        IssuingAuthorizationCreated => "issuing_authorization.created" | "v1.issuing_authorization.created",
        IssuingAuthorizationRequest => "issuing_authorization.request" | "v1.issuing_authorization.request",
        IssuingAuthorizationUpdated => "issuing_authorization.updated" | "v1.issuing_authorization.updated",
        IssuingCardCreated => "issuing_card.created" | "v1.issuing_card.created",
        IssuingCardUpdated => "issuing_card.updated" | "v1.issuing_card.updated",
        IssuingCardholderCreated => "issuing_cardholder.created" | "v1.issuing_cardholder.created",
        IssuingCardholderUpdated => "issuing_cardholder.updated" | "v1.issuing_cardholder.updated",
        IssuingDisputeClosed => "issuing_dispute.closed" | "v1.issuing_dispute.closed",
        IssuingDisputeCreated => "issuing_dispute.created" | "v1.issuing_dispute.created",
        IssuingDisputeFundsReinstated => "issuing_dispute.funds_reinstated" | "v1.issuing_dispute.funds_reinstated",
        IssuingDisputeFundsRescinded => "issuing_dispute.funds_rescinded" | "v1.issuing_dispute.funds_rescinded",
        IssuingDisputeSubmitted => "issuing_dispute.submitted" | "v1.issuing_dispute.submitted",
        IssuingDisputeUpdated => "issuing_dispute.updated" | "v1.issuing_dispute.updated",
        IssuingPersonalizationDesignActivated => "issuing_personalization_design.activated" | "v1.issuing_personalization_design.activated",
        IssuingPersonalizationDesignDeactivated => "issuing_personalization_design.deactivated" | "v1.issuing_personalization_design.deactivated",
        IssuingPersonalizationDesignRejected => "issuing_personalization_design.rejected" | "v1.issuing_personalization_design.rejected",
        IssuingPersonalizationDesignUpdated => "issuing_personalization_design.updated" | "v1.issuing_personalization_design.updated",
        IssuingTokenCreated => "issuing_token.created" | "v1.issuing_token.created",
        IssuingTokenUpdated => "issuing_token.updated" | "v1.issuing_token.updated",
        IssuingTransactionCreated => "issuing_transaction.created" | "v1.issuing_transaction.created",
        IssuingTransactionPurchaseDetailsReceiptUpdated => "issuing_transaction.purchase_details_receipt_updated" | "v1.issuing_transaction.purchase_details_receipt_updated",
        IssuingTransactionUpdated => "issuing_transaction.updated" | "v1.issuing_transaction.updated",
        MandateUpdated => "mandate.updated" | "v1.mandate.updated",
        PaymentIntentAmountCapturableUpdated => "payment_intent.amount_capturable_updated" | "v1.payment_intent.amount_capturable_updated",
        PaymentIntentCanceled => "payment_intent.canceled" | "v1.payment_intent.canceled",
        PaymentIntentCreated => "payment_intent.created" | "v1.payment_intent.created",
        PaymentIntentPartiallyFunded => "payment_intent.partially_funded" | "v1.payment_intent.partially_funded",
        PaymentIntentPaymentFailed => "payment_intent.payment_failed" | "v1.payment_intent.payment_failed",
        PaymentIntentProcessing => "payment_intent.processing" | "v1.payment_intent.processing",
        PaymentIntentRequiresAction => "payment_intent.requires_action" | "v1.payment_intent.requires_action",
        PaymentIntentSucceeded => "payment_intent.succeeded" | "v1.payment_intent.succeeded",
        PaymentLinkCreated => "payment_link.created" | "v1.payment_link.created",
        PaymentLinkUpdated => "payment_link.updated" | "v1.payment_link.updated",
        PaymentMethodAttached => "payment_method.attached" | "v1.payment_method.attached",
        PaymentMethodAutomaticallyUpdated => "payment_method.automatically_updated" | "v1.payment_method.automatically_updated",
        PaymentMethodDetached => "payment_method.detached" | "v1.payment_method.detached",
        PaymentMethodUpdated => "payment_method.updated" | "v1.payment_method.updated",
        PayoutCanceled => "payout.canceled" | "v1.payout.canceled",
        PayoutCreated => "payout.created" | "v1.payout.created",
        PayoutFailed => "payout.failed" | "v1.payout.failed",
        PayoutPaid => "payout.paid" | "v1.payout.paid",
        PayoutReconciliationCompleted => "payout.reconciliation_completed" | "v1.payout.reconciliation_completed",
        PayoutUpdated => "payout.updated" | "v1.payout.updated",
        PersonCreated => "person.created" | "v1.person.created",
        PersonDeleted => "person.deleted" | "v1.person.deleted",
        PersonUpdated => "person.updated" | "v1.person.updated",
        PlanCreated => "plan.created" | "v1.plan.created",
        PlanDeleted => "plan.deleted" | "v1.plan.deleted",
        PlanUpdated => "plan.updated" | "v1.plan.updated",
        PriceCreated => "price.created" | "v1.price.created",
        PriceDeleted => "price.deleted" | "v1.price.deleted",
        PriceUpdated => "price.updated" | "v1.price.updated",
        ProductCreated => "product.created" | "v1.product.created",
        ProductDeleted => "product.deleted" | "v1.product.deleted",
        ProductUpdated => "product.updated" | "v1.product.updated",
        PromotionCodeCreated => "promotion_code.created" | "v1.promotion_code.created",
        PromotionCodeUpdated => "promotion_code.updated" | "v1.promotion_code.updated",
        QuoteAccepted => "quote.accepted" | "v1.quote.accepted",
        QuoteCanceled => "quote.canceled" | "v1.quote.canceled",
        QuoteCreated => "quote.created" | "v1.quote.created",
        QuoteFinalized => "quote.finalized" | "v1.quote.finalized",
        RadarEarlyFraudWarningCreated => "radar.early_fraud_warning.created" | "v1.radar.early_fraud_warning.created",
        RadarEarlyFraudWarningUpdated => "radar.early_fraud_warning.updated" | "v1.radar.early_fraud_warning.updated",
        RefundCreated => "refund.created" | "v1.refund.created",
        RefundFailed => "refund.failed" | "v1.refund.failed",
        RefundUpdated => "refund.updated" | "v1.refund.updated",
        ReportingReportRunFailed => "reporting.report_run.failed",
        ReportingReportRunSucceeded => "reporting.report_run.succeeded",
        ReportingReportTypeUpdated => "reporting.report_type.updated",
        ReserveHoldCreated => "reserve.hold.created",
        ReserveHoldUpdated => "reserve.hold.updated",
        ReservePlanCreated => "reserve.plan.created",
        ReservePlanDisabled => "reserve.plan.disabled",
        ReservePlanExpired => "reserve.plan.expired",
        ReservePlanUpdated => "reserve.plan.updated",
        ReserveReleaseCreated => "reserve.release.created",
        ReviewClosed => "review.closed" | "v1.review.closed",
        ReviewOpened => "review.opened" | "v1.review.opened",
        SetupIntentCanceled => "setup_intent.canceled" | "v1.setup_intent.canceled",
        SetupIntentCreated => "setup_intent.created" | "v1.setup_intent.created",
        SetupIntentRequiresAction => "setup_intent.requires_action" | "v1.setup_intent.requires_action",
        SetupIntentSetupFailed => "setup_intent.setup_failed" | "v1.setup_intent.setup_failed",
        SetupIntentSucceeded => "setup_intent.succeeded" | "v1.setup_intent.succeeded",
        SigmaScheduledQueryRunCreated => "sigma.scheduled_query_run.created" | "v1.sigma.scheduled_query_run.created",
        SourceCanceled => "source.canceled" | "v1.source.canceled",
        SourceChargeable => "source.chargeable" | "v1.source.chargeable",
        SourceFailed => "source.failed" | "v1.source.failed",
        SourceMandateNotification => "source.mandate_notification",
        SourceRefundAttributesRequired => "source.refund_attributes_required" | "v1.source.refund_attributes_required",
        SourceTransactionCreated => "source.transaction.created",
        SourceTransactionUpdated => "source.transaction.updated",
        SubscriptionScheduleAborted => "subscription_schedule.aborted" | "v1.subscription_schedule.aborted",
        SubscriptionScheduleCanceled => "subscription_schedule.canceled" | "v1.subscription_schedule.canceled",
        SubscriptionScheduleCompleted => "subscription_schedule.completed" | "v1.subscription_schedule.completed",
        SubscriptionScheduleCreated => "subscription_schedule.created" | "v1.subscription_schedule.created",
        SubscriptionScheduleExpiring => "subscription_schedule.expiring" | "v1.subscription_schedule.expiring",
        SubscriptionScheduleReleased => "subscription_schedule.released" | "v1.subscription_schedule.released",
        SubscriptionScheduleUpdated => "subscription_schedule.updated" | "v1.subscription_schedule.updated",
        TaxSettingsUpdated => "tax.settings.updated" | "v1.tax.settings.updated",
        TaxRateCreated => "tax_rate.created" | "v1.tax_rate.created",
        TaxRateUpdated => "tax_rate.updated" | "v1.tax_rate.updated",
        TerminalReaderActionFailed => "terminal.reader.action_failed" | "v1.terminal.reader.action_failed",
        TerminalReaderActionSucceeded => "terminal.reader.action_succeeded" | "v1.terminal.reader.action_succeeded",
        TerminalReaderActionUpdated => "terminal.reader.action_updated" | "v1.terminal.reader.action_updated",
        TestHelpersTestClockAdvancing => "test_helpers.test_clock.advancing" | "v1.test_helpers.test_clock.advancing",
        TestHelpersTestClockCreated => "test_helpers.test_clock.created" | "v1.test_helpers.test_clock.created",
        TestHelpersTestClockDeleted => "test_helpers.test_clock.deleted" | "v1.test_helpers.test_clock.deleted",
        TestHelpersTestClockInternalFailure => "test_helpers.test_clock.internal_failure" | "v1.test_helpers.test_clock.internal_failure",
        TestHelpersTestClockReady => "test_helpers.test_clock.ready" | "v1.test_helpers.test_clock.ready",
        ThreeDSecureAuthenticationCanceled => "three_d_secure.authentication.canceled",
        ThreeDSecureAuthenticationChallengeStarted => "three_d_secure.authentication.challenge_started",
        ThreeDSecureAuthenticationErrored => "three_d_secure.authentication.errored",
        ThreeDSecureAuthenticationFailed => "three_d_secure.authentication.failed",
        ThreeDSecureAuthenticationRequiresChallenge => "three_d_secure.authentication.requires_challenge",
        ThreeDSecureAuthenticationRequiresSubmission => "three_d_secure.authentication.requires_submission",
        ThreeDSecureAuthenticationSucceeded => "three_d_secure.authentication.succeeded",
        TopupCanceled => "topup.canceled" | "v1.topup.canceled",
        TopupCreated => "topup.created" | "v1.topup.created",
        TopupFailed => "topup.failed" | "v1.topup.failed",
        TopupReversed => "topup.reversed" | "v1.topup.reversed",
        TopupSucceeded => "topup.succeeded" | "v1.topup.succeeded",
        TransferCreated => "transfer.created" | "v1.transfer.created",
        TransferReversed => "transfer.reversed" | "v1.transfer.reversed",
        TransferUpdated => "transfer.updated" | "v1.transfer.updated",
        TreasuryCreditReversalCreated => "treasury.credit_reversal.created",
        TreasuryCreditReversalPosted => "treasury.credit_reversal.posted",
        TreasuryDebitReversalCompleted => "treasury.debit_reversal.completed",
        TreasuryDebitReversalCreated => "treasury.debit_reversal.created",
        TreasuryDebitReversalInitialCreditGranted => "treasury.debit_reversal.initial_credit_granted",
        TreasuryFinancialAccountClosed => "treasury.financial_account.closed",
        TreasuryFinancialAccountCreated => "treasury.financial_account.created",
        TreasuryFinancialAccountFeaturesStatusUpdated => "treasury.financial_account.features_status_updated",
        TreasuryInboundTransferCanceled => "treasury.inbound_transfer.canceled",
        TreasuryInboundTransferCreated => "treasury.inbound_transfer.created",
        TreasuryInboundTransferFailed => "treasury.inbound_transfer.failed",
        TreasuryInboundTransferSucceeded => "treasury.inbound_transfer.succeeded",
        TreasuryOutboundPaymentCanceled => "treasury.outbound_payment.canceled",
        TreasuryOutboundPaymentCreated => "treasury.outbound_payment.created",
        TreasuryOutboundPaymentExpectedArrivalDateUpdated => "treasury.outbound_payment.expected_arrival_date_updated",
        TreasuryOutboundPaymentFailed => "treasury.outbound_payment.failed",
        TreasuryOutboundPaymentPosted => "treasury.outbound_payment.posted",
        TreasuryOutboundPaymentReturned => "treasury.outbound_payment.returned",
        TreasuryOutboundPaymentTrackingDetailsUpdated => "treasury.outbound_payment.tracking_details_updated",
        TreasuryOutboundTransferCanceled => "treasury.outbound_transfer.canceled",
        TreasuryOutboundTransferCreated => "treasury.outbound_transfer.created",
        TreasuryOutboundTransferExpectedArrivalDateUpdated => "treasury.outbound_transfer.expected_arrival_date_updated",
        TreasuryOutboundTransferFailed => "treasury.outbound_transfer.failed",
        TreasuryOutboundTransferPosted => "treasury.outbound_transfer.posted",
        TreasuryOutboundTransferReturned => "treasury.outbound_transfer.returned",
        TreasuryOutboundTransferTrackingDetailsUpdated => "treasury.outbound_transfer.tracking_details_updated",
        TreasuryReceivedCreditCreated => "treasury.received_credit.created",
        TreasuryReceivedCreditFailed => "treasury.received_credit.failed",
        TreasuryReceivedCreditSucceeded => "treasury.received_credit.succeeded",
        TreasuryReceivedDebitCreated => "treasury.received_debit.created",
        BillingMeterErrorReportTriggered => "v1.billing.meter.error_report_triggered",
        BillingMeterNoMeterFound => "v1.billing.meter.no_meter_found",
        CustomerDiscountSourceChanged => "v1.customer.discount.source_changed",
        CustomerSubscriptionActive => "v1.customer.subscription.active",
        CustomerSubscriptionCancelAtChanged => "v1.customer.subscription.cancel_at_changed",
        CustomerSubscriptionDefaultPaymentMethodChanged => "v1.customer.subscription.default_payment_method_changed",
        CustomerSubscriptionIncomplete => "v1.customer.subscription.incomplete",
        CustomerSubscriptionIncompleteExpired => "v1.customer.subscription.incomplete_expired",
        CustomerSubscriptionItemAdded => "v1.customer.subscription.item_added",
        CustomerSubscriptionItemPriceChanged => "v1.customer.subscription.item_price_changed",
        CustomerSubscriptionItemQuantityChanged => "v1.customer.subscription.item_quantity_changed",
        CustomerSubscriptionItemRemoved => "v1.customer.subscription.item_removed",
        CustomerSubscriptionItemTaxRatesChanged => "v1.customer.subscription.item_tax_rates_changed",
        CustomerSubscriptionPastDue => "v1.customer.subscription.past_due",
        CustomerSubscriptionTrialing => "v1.customer.subscription.trialing",
        CustomerSubscriptionUnpaid => "v1.customer.subscription.unpaid",
        EntitlementsActiveEntitlementSummaryEntitlementAdded => "v1.entitlements.active_entitlement_summary.entitlement_added",
        EntitlementsActiveEntitlementSummaryEntitlementRemoved => "v1.entitlements.active_entitlement_summary.entitlement_removed",
        FinancialConnectionsAccountBalanceRefreshFailed => "v1.financial_connections.account.balance_refresh_failed",
        FinancialConnectionsAccountBalanceRefreshSucceeded => "v1.financial_connections.account.balance_refresh_succeeded",
        FinancialConnectionsAccountInferredBalancesRefreshFailed => "v1.financial_connections.account.inferred_balances_refresh_failed",
        FinancialConnectionsAccountInferredBalancesRefreshSucceeded => "v1.financial_connections.account.inferred_balances_refresh_succeeded",
        FinancialConnectionsAccountOwnershipRefreshFailed => "v1.financial_connections.account.ownership_refresh_failed",
        FinancialConnectionsAccountOwnershipRefreshSucceeded => "v1.financial_connections.account.ownership_refresh_succeeded",
        FinancialConnectionsAccountRiskIntelligenceRefreshFailed => "v1.financial_connections.account.risk_intelligence_refresh_failed",
        FinancialConnectionsAccountRiskIntelligenceRefreshSucceeded => "v1.financial_connections.account.risk_intelligence_refresh_succeeded",
        FinancialConnectionsAccountTransactionsRefreshFailed => "v1.financial_connections.account.transactions_refresh_failed",
        FinancialConnectionsAccountTransactionsRefreshSucceeded => "v1.financial_connections.account.transactions_refresh_succeeded",
        InvoiceDiscountAdded => "v1.invoice.discount_added",
        InvoiceDiscountRemoved => "v1.invoice.discount_removed",
        InvoiceLineItemAdded => "v1.invoice.line_item_added",
        InvoiceLineItemPricingChanged => "v1.invoice.line_item_pricing_changed",
        InvoiceLineItemQuantityChanged => "v1.invoice.line_item_quantity_changed",
        InvoiceLineItemRemoved => "v1.invoice.line_item_removed",
        InvoicePaymentCanceled => "v1.invoice_payment.canceled",
        InvoicePaymentOpen => "v1.invoice_payment.open",
        InvoiceitemAmountChanged => "v1.invoiceitem.amount_changed",
        InvoiceitemDiscountAdded => "v1.invoiceitem.discount_added",
        InvoiceitemDiscountRemoved => "v1.invoiceitem.discount_removed",
        PriceActivated => "v1.price.activated",
        PriceDeactivated => "v1.price.deactivated",
        PriceLookupKeyChanged => "v1.price.lookup_key_changed",
        PriceTaxBehaviorChanged => "v1.price.tax_behavior_changed",
        ProductActivated => "v1.product.activated",
        ProductDeactivated => "v1.product.deactivated",
        ProductDefaultPriceChanged => "v1.product.default_price_changed",
        ProductTaxCodeChanged => "v1.product.tax_code_changed",
        PromotionCodeFullyRedeemed => "v1.promotion_code.fully_redeemed",
        SubscriptionSchedulePhaseAdded => "v1.subscription_schedule.phase_added",
        SubscriptionSchedulePhaseDefaultTaxRatesChanged => "v1.subscription_schedule.phase_default_tax_rates_changed",
        SubscriptionSchedulePhaseEndDateChanged => "v1.subscription_schedule.phase_end_date_changed",
        SubscriptionSchedulePhaseRemoved => "v1.subscription_schedule.phase_removed",
        SubscriptionSchedulePhaseTrialEndChanged => "v1.subscription_schedule.phase_trial_end_changed",
        V2CommerceProductCatalogImportsFailed => "v2.commerce.product_catalog.imports.failed",
        V2CommerceProductCatalogImportsProcessing => "v2.commerce.product_catalog.imports.processing",
        V2CommerceProductCatalogImportsSucceeded => "v2.commerce.product_catalog.imports.succeeded",
        V2CommerceProductCatalogImportsSucceededWithErrors => "v2.commerce.product_catalog.imports.succeeded_with_errors",
        V2CoreAccountClosed => "v2.core.account.closed",
        V2CoreAccountCreated => "v2.core.account.created",
        V2CoreAccountUpdated => "v2.core.account.updated",
        V2CoreAccountConfigurationCustomerCapabilityStatusUpdated => "v2.core.account[configuration.customer].capability_status_updated",
        V2CoreAccountConfigurationCustomerUpdated => "v2.core.account[configuration.customer].updated",
        V2CoreAccountConfigurationMerchantCapabilityStatusUpdated => "v2.core.account[configuration.merchant].capability_status_updated",
        V2CoreAccountConfigurationMerchantUpdated => "v2.core.account[configuration.merchant].updated",
        V2CoreAccountConfigurationRecipientCapabilityStatusUpdated => "v2.core.account[configuration.recipient].capability_status_updated",
        V2CoreAccountConfigurationRecipientUpdated => "v2.core.account[configuration.recipient].updated",
        V2CoreAccountDefaultsUpdated => "v2.core.account[defaults].updated",
        V2CoreAccountFutureRequirementsUpdated => "v2.core.account[future_requirements].updated",
        V2CoreAccountIdentityUpdated => "v2.core.account[identity].updated",
        V2CoreAccountRequirementsUpdated => "v2.core.account[requirements].updated",
        V2CoreAccountLinkReturned => "v2.core.account_link.returned",
        V2CoreAccountPersonCreated => "v2.core.account_person.created",
        V2CoreAccountPersonDeleted => "v2.core.account_person.deleted",
        V2CoreAccountPersonUpdated => "v2.core.account_person.updated",
        V2CoreEventDestinationPing => "v2.core.event_destination.ping",
        V2MoneyManagementAdjustmentCreated => "v2.money_management.adjustment.created",
        V2MoneyManagementFinancialAccountCreated => "v2.money_management.financial_account.created",
        V2MoneyManagementFinancialAccountUpdated => "v2.money_management.financial_account.updated",
        V2MoneyManagementFinancialAddressActivated => "v2.money_management.financial_address.activated",
        V2MoneyManagementFinancialAddressFailed => "v2.money_management.financial_address.failed",
        V2MoneyManagementInboundTransferAvailable => "v2.money_management.inbound_transfer.available",
        V2MoneyManagementInboundTransferBankDebitFailed => "v2.money_management.inbound_transfer.bank_debit_failed",
        V2MoneyManagementInboundTransferBankDebitProcessing => "v2.money_management.inbound_transfer.bank_debit_processing",
        V2MoneyManagementInboundTransferBankDebitQueued => "v2.money_management.inbound_transfer.bank_debit_queued",
        V2MoneyManagementInboundTransferBankDebitReturned => "v2.money_management.inbound_transfer.bank_debit_returned",
        V2MoneyManagementInboundTransferBankDebitSucceeded => "v2.money_management.inbound_transfer.bank_debit_succeeded",
        V2MoneyManagementOutboundPaymentCanceled => "v2.money_management.outbound_payment.canceled",
        V2MoneyManagementOutboundPaymentCreated => "v2.money_management.outbound_payment.created",
        V2MoneyManagementOutboundPaymentFailed => "v2.money_management.outbound_payment.failed",
        V2MoneyManagementOutboundPaymentPosted => "v2.money_management.outbound_payment.posted",
        V2MoneyManagementOutboundPaymentReturned => "v2.money_management.outbound_payment.returned",
        V2MoneyManagementOutboundPaymentUnderReview => "v2.money_management.outbound_payment.under_review",
        V2MoneyManagementOutboundPaymentUpdated => "v2.money_management.outbound_payment.updated",
        V2MoneyManagementPayoutIntentCanceled => "v2.money_management.payout_intent.canceled",
        V2MoneyManagementPayoutIntentCreated => "v2.money_management.payout_intent.created",
        V2MoneyManagementPayoutIntentPending => "v2.money_management.payout_intent.pending",
        V2MoneyManagementPayoutIntentPosted => "v2.money_management.payout_intent.posted",
        V2MoneyManagementPayoutIntentProcessing => "v2.money_management.payout_intent.processing",
        V2MoneyManagementPayoutIntentRequiresAction => "v2.money_management.payout_intent.requires_action",
        V2MoneyManagementPayoutIntentUpdated => "v2.money_management.payout_intent.updated",
        V2MoneyManagementPayoutMethodCreated => "v2.money_management.payout_method.created",
        V2MoneyManagementPayoutMethodUpdated => "v2.money_management.payout_method.updated",
        V2MoneyManagementReceivedCreditAvailable => "v2.money_management.received_credit.available",
        V2MoneyManagementReceivedCreditFailed => "v2.money_management.received_credit.failed",
        V2MoneyManagementReceivedCreditReturned => "v2.money_management.received_credit.returned",
        V2MoneyManagementReceivedCreditSucceeded => "v2.money_management.received_credit.succeeded",
        V2MoneyManagementRecipientVerificationCreated => "v2.money_management.recipient_verification.created",
        V2MoneyManagementRecipientVerificationUpdated => "v2.money_management.recipient_verification.updated",
        V2MoneyManagementTransactionCreated => "v2.money_management.transaction.created",
        V2MoneyManagementTransactionUpdated => "v2.money_management.transaction.updated",
    }
}

/// The types that a business which sells subscriptions has to handle: enable these for its
/// endpoint.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::event::SUBSCRIPTION_EVENT_TYPES;
///
/// let events = SUBSCRIPTION_EVENT_TYPES.each_ref().map(|event_type| event_type.as_str()).join(",");
/// println!("stripe listen --events {events} --forward-to 127.0.0.1:3000/api/v1/webhooks/stripe");
/// ```
pub const SUBSCRIPTION_EVENT_TYPES: [EventType; 6] = [
    EventType::CheckoutSessionCompleted,
    EventType::CustomerSubscriptionCreated,
    EventType::CustomerSubscriptionUpdated,
    EventType::CustomerSubscriptionDeleted,
    EventType::InvoicePaid,
    EventType::InvoicePaymentFailed,
];
