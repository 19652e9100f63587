//! Typed event data: the object, by the type of the event.

use super::{
    CurrentObject, DecodeError, DeletedObject, Event, EventType,
    object::{
        Charge, CheckoutSession, Customer, Dispute, Invoice, InvoicePayment, Named, PaymentIntent,
        Price, Refund, Subscription, account, application_fee, apps, balance, billing,
        billing_portal, climate, credit_note, discount, entitlements, file, financial_connections,
        identity, invoice_item, issuing, mandate, payment_link, payment_method, payout, product,
        quote, radar, reporting, reserve, setup_intent, sigma, sources, subscription_schedule, tax,
        terminal, test_clock, three_d_secure, topup, transfer, treasury, v2,
    },
};

macro_rules! event_data {
    ($($object:ty: $($variant:ident)*;)*) => {
        /// The type of an event with its typed object, from [`Event::data`].
        ///
        /// Each variant has the name of its [`EventType`].
        ///
        /// # Example
        ///
        /// ```
        /// use tower_stripe_webhook::{DecodeError, EventData, VerifiedEvent};
        ///
        /// fn handle(event: &VerifiedEvent) -> Result<(), DecodeError> {
        ///     match event.data()? {
        ///         EventData::CheckoutSessionCompleted(session) if session.is_paid() => {
        ///             println!("paid by {:?}", session.email());
        ///         }
        ///         EventData::InvoicePaid(invoice) => println!("paid: {:?}", invoice.subscription_id()),
        ///         EventData::CustomerSubscriptionDeleted(subscription) => println!("ended: {}", subscription.id()),
        ///         _ => {}
        ///     }
        ///     Ok(())
        /// }
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "it is matched where it is decoded")]
        pub enum EventData {
            $($(
                #[doc = concat!("See [`EventType::", stringify!($variant), "`].")]
                $variant($object),
            )*)*
            /// The object no longer exists: it was fetched, and Stripe answered that it has no such
            /// object, or that the object is deleted.
            ///
            /// It takes the place of a typed object in which almost everything would be absent. Only
            /// an event whose object was fetched has it.
            ///
            /// A type that ends in `.deleted`, such as [`EventType::CustomerDeleted`], keeps its own
            /// variant if what is left of the object decodes, so that one match arm is enough for
            /// it, whether the event contains its object or not.
            ///
            /// Stripe also answers that it has no such object if the API key belongs to another
            /// account.
            ///
            /// # Example
            ///
            /// ```
            /// use tower_stripe_webhook::{DecodeError, EventData, VerifiedEvent};
            ///
            /// fn handle(event: &VerifiedEvent) -> Result<(), DecodeError> {
            ///     match event.data()? {
            ///         EventData::CustomerUpdated(customer) => println!("store {:?}", customer.email()),
            ///         EventData::CustomerDeleted(customer) => println!("remove {}", customer.id()),
            ///         EventData::Deleted(object) => println!("remove {} {}", object.object_type(), object.id()),
            ///         _ => {}
            ///     }
            ///     Ok(())
            /// }
            /// ```
            Deleted(DeletedObject),
            /// Any other type: see [`Event::object`] and [`Event::related_object`].
            Other,
        }

        impl Event {
            /// Decodes the object by the type of the event.
            ///
            /// There are variants for all types that are about an object: see
            /// [`object`](crate::event::object#families). Types that Stripe adds after this release
            /// are [`EventData::Other`] and are not decoded. An object whose `object` field names
            /// another type than the event's is `Other`, too, and so is a thin event that has no
            /// related object.
            ///
            /// A snapshot event and the thin event of the same fact have one variant.
            ///
            /// If the object was fetched, it is the [`current`](Event::current) object that is
            /// decoded, and [`EventData::Deleted`] if it no longer exists.
            ///
            /// # Errors
            ///
            /// [`DecodeError`] for a thin event of these types whose object was not fetched: it is
            /// not `Other`, so that a handler that ignores other types does not acknowledge it.
            ///
            /// [`DecodeError`] if a required field, such as an amount, is missing or has an unknown
            /// form. The event was verified: you can still read [`body`](Event::body), or decode
            /// [`object`](Event::object) into your own type.
            pub fn data(&self) -> Result<EventData, DecodeError> {
                match self.current().and_then(CurrentObject::deleted) {
                    Some(deleted) => Ok(self.data_of_deleted(deleted)),
                    None => self.typed_data(),
                }
            }

            pub(super) fn typed_data(&self) -> Result<EventData, DecodeError> {
                match self.event_type() {
                    $($(EventType::$variant => self.data_as(EventData::$variant),)*)*
                    _ => Ok(EventData::Other),
                }
            }
        }
    };
}

event_data! {
    CheckoutSession:
        CheckoutSessionAsyncPaymentFailed
        CheckoutSessionAsyncPaymentSucceeded
        CheckoutSessionCompleted
        CheckoutSessionExpired;
    Customer:
        CustomerCreated
        CustomerDeleted
        CustomerUpdated;
    Subscription:
        CustomerSubscriptionActive
        CustomerSubscriptionCancelAtChanged
        CustomerSubscriptionCreated
        CustomerSubscriptionDefaultPaymentMethodChanged
        CustomerSubscriptionDeleted
        CustomerSubscriptionIncomplete
        CustomerSubscriptionIncompleteExpired
        CustomerSubscriptionItemAdded
        CustomerSubscriptionItemPriceChanged
        CustomerSubscriptionItemQuantityChanged
        CustomerSubscriptionItemRemoved
        CustomerSubscriptionItemTaxRatesChanged
        CustomerSubscriptionPastDue
        CustomerSubscriptionPaused
        CustomerSubscriptionPendingUpdateApplied
        CustomerSubscriptionPendingUpdateExpired
        CustomerSubscriptionResumed
        CustomerSubscriptionTrialWillEnd
        CustomerSubscriptionTrialing
        CustomerSubscriptionUnpaid
        CustomerSubscriptionUpdated;
    Invoice:
        InvoiceCreated
        InvoiceDeleted
        InvoiceDiscountAdded
        InvoiceDiscountRemoved
        InvoiceFinalizationFailed
        InvoiceFinalized
        InvoiceLineItemAdded
        InvoiceLineItemPricingChanged
        InvoiceLineItemQuantityChanged
        InvoiceLineItemRemoved
        InvoiceMarkedUncollectible
        InvoiceOverdue
        InvoiceOverpaid
        InvoicePaid
        InvoicePaymentActionRequired
        InvoicePaymentAttemptRequired
        InvoicePaymentFailed
        InvoicePaymentSucceeded
        InvoiceSent
        InvoiceUpcoming
        InvoiceUpdated
        InvoiceVoided
        InvoiceWillBeDue;
    InvoicePayment:
        InvoicePaymentCanceled
        InvoicePaymentOpen
        InvoicePaymentPaid;
    PaymentIntent:
        PaymentIntentAmountCapturableUpdated
        PaymentIntentCanceled
        PaymentIntentCreated
        PaymentIntentPartiallyFunded
        PaymentIntentPaymentFailed
        PaymentIntentProcessing
        PaymentIntentRequiresAction
        PaymentIntentSucceeded;
    Charge:
        ChargeCaptured
        ChargeExpired
        ChargeFailed
        ChargePending
        ChargeRefunded
        ChargeSucceeded
        ChargeUpdated;
    Dispute:
        ChargeDisputeClosed
        ChargeDisputeCreated
        ChargeDisputeFundsReinstated
        ChargeDisputeFundsWithdrawn
        ChargeDisputeUpdated;
    Refund:
        ChargeRefundUpdated
        RefundCreated
        RefundFailed
        RefundUpdated;
    Price:
        PriceActivated
        PriceCreated
        PriceDeactivated
        PriceDeleted
        PriceLookupKeyChanged
        PriceTaxBehaviorChanged
        PriceUpdated;
    account::Account:
        AccountUpdated;
    account::Application:
        AccountApplicationAuthorized
        AccountApplicationDeauthorized;
    account::Capability:
        CapabilityUpdated;
    account::ExternalAccount:
        AccountExternalAccountCreated
        AccountExternalAccountDeleted
        AccountExternalAccountUpdated;
    account::Person:
        PersonCreated
        PersonDeleted
        PersonUpdated;
    application_fee::ApplicationFee:
        ApplicationFeeCreated
        ApplicationFeeRefunded;
    application_fee::FeeRefund:
        ApplicationFeeRefundUpdated;
    apps::Install:
        AppsInstallCreated
        AppsInstallDeleted
        AppsInstallUpdated;
    balance::Balance:
        BalanceAvailable;
    balance::BalanceSettings:
        BalanceSettingsUpdated;
    balance::CashBalance:
        CashBalanceFundsAvailable;
    balance::CustomerCashBalanceTransaction:
        CustomerCashBalanceTransactionCreated;
    billing::AlertTriggered:
        BillingAlertTriggered;
    billing::CreditBalanceTransaction:
        BillingCreditBalanceTransactionCreated;
    billing::CreditGrant:
        BillingCreditGrantCreated
        BillingCreditGrantUpdated;
    billing::Meter:
        BillingMeterCreated
        BillingMeterDeactivated
        BillingMeterErrorReportTriggered
        BillingMeterReactivated
        BillingMeterUpdated;
    billing_portal::Configuration:
        BillingPortalConfigurationCreated
        BillingPortalConfigurationUpdated;
    billing_portal::Session:
        BillingPortalSessionCreated;
    climate::Order:
        ClimateOrderCanceled
        ClimateOrderCreated
        ClimateOrderDelayed
        ClimateOrderDelivered
        ClimateOrderProductSubstituted;
    climate::Product:
        ClimateProductCreated
        ClimateProductPricingUpdated;
    credit_note::CreditNote:
        CreditNoteCreated
        CreditNoteUpdated
        CreditNoteVoided;
    discount::Coupon:
        CouponCreated
        CouponDeleted
        CouponUpdated;
    discount::Discount:
        CustomerDiscountCreated
        CustomerDiscountDeleted
        CustomerDiscountUpdated;
    discount::PromotionCode:
        PromotionCodeCreated
        PromotionCodeFullyRedeemed
        PromotionCodeUpdated;
    entitlements::ActiveEntitlementSummary:
        EntitlementsActiveEntitlementSummaryUpdated;
    file::File:
        FileCreated;
    financial_connections::Account:
        FinancialConnectionsAccountAccountNumbersUpdated
        FinancialConnectionsAccountBalanceRefreshFailed
        FinancialConnectionsAccountBalanceRefreshSucceeded
        FinancialConnectionsAccountCreated
        FinancialConnectionsAccountDeactivated
        FinancialConnectionsAccountDisconnected
        FinancialConnectionsAccountExpectedDeactivationDateUpdated
        FinancialConnectionsAccountInferredBalancesRefreshFailed
        FinancialConnectionsAccountInferredBalancesRefreshSucceeded
        FinancialConnectionsAccountOwnershipRefreshFailed
        FinancialConnectionsAccountOwnershipRefreshSucceeded
        FinancialConnectionsAccountReactivated
        FinancialConnectionsAccountRefreshedBalance
        FinancialConnectionsAccountRefreshedOwnership
        FinancialConnectionsAccountRefreshedTransactions
        FinancialConnectionsAccountRiskIntelligenceRefreshFailed
        FinancialConnectionsAccountRiskIntelligenceRefreshSucceeded
        FinancialConnectionsAccountSupportedPaymentMethodTypesUpdated
        FinancialConnectionsAccountTransactionsRefreshFailed
        FinancialConnectionsAccountTransactionsRefreshSucceeded
        FinancialConnectionsAccountUpcomingAccountNumberExpiry
        FinancialConnectionsAccountUpcomingDeactivation;
    financial_connections::Authorization:
        FinancialConnectionsAuthorizationExpectedDeactivationDateUpdated
        FinancialConnectionsAuthorizationUpcomingDeactivation;
    identity::VerificationSession:
        IdentityVerificationSessionCanceled
        IdentityVerificationSessionCreated
        IdentityVerificationSessionProcessing
        IdentityVerificationSessionRedacted
        IdentityVerificationSessionRequiresInput
        IdentityVerificationSessionVerified;
    invoice_item::InvoiceItem:
        InvoiceitemAmountChanged
        InvoiceitemCreated
        InvoiceitemDeleted
        InvoiceitemDiscountAdded
        InvoiceitemDiscountRemoved;
    issuing::Authorization:
        IssuingAuthorizationCreated
        IssuingAuthorizationRequest
        IssuingAuthorizationUpdated;
    issuing::Card:
        IssuingCardCreated
        IssuingCardUpdated;
    issuing::Cardholder:
        IssuingCardholderCreated
        IssuingCardholderUpdated;
    issuing::Dispute:
        IssuingDisputeClosed
        IssuingDisputeCreated
        IssuingDisputeFundsReinstated
        IssuingDisputeFundsRescinded
        IssuingDisputeSubmitted
        IssuingDisputeUpdated;
    issuing::PersonalizationDesign:
        IssuingPersonalizationDesignActivated
        IssuingPersonalizationDesignDeactivated
        IssuingPersonalizationDesignRejected
        IssuingPersonalizationDesignUpdated;
    issuing::Token:
        IssuingTokenCreated
        IssuingTokenUpdated;
    issuing::Transaction:
        IssuingTransactionCreated
        IssuingTransactionPurchaseDetailsReceiptUpdated
        IssuingTransactionUpdated;
    mandate::Mandate:
        MandateUpdated;
    payment_link::PaymentLink:
        PaymentLinkCreated
        PaymentLinkUpdated;
    payment_method::PaymentMethod:
        PaymentMethodAttached
        PaymentMethodAutomaticallyUpdated
        PaymentMethodDetached
        PaymentMethodUpdated;
    payout::Payout:
        PayoutCanceled
        PayoutCreated
        PayoutFailed
        PayoutPaid
        PayoutReconciliationCompleted
        PayoutUpdated;
    product::Plan:
        PlanCreated
        PlanDeleted
        PlanUpdated;
    product::Product:
        ProductActivated
        ProductCreated
        ProductDeactivated
        ProductDefaultPriceChanged
        ProductDeleted
        ProductTaxCodeChanged
        ProductUpdated;
    quote::Quote:
        QuoteAccepted
        QuoteCanceled
        QuoteCreated
        QuoteFinalized;
    radar::EarlyFraudWarning:
        RadarEarlyFraudWarningCreated
        RadarEarlyFraudWarningUpdated;
    radar::Review:
        ReviewClosed
        ReviewOpened;
    reporting::ReportRun:
        ReportingReportRunFailed
        ReportingReportRunSucceeded;
    reporting::ReportType:
        ReportingReportTypeUpdated;
    reserve::Hold:
        ReserveHoldCreated
        ReserveHoldUpdated;
    reserve::Plan:
        ReservePlanCreated
        ReservePlanDisabled
        ReservePlanExpired
        ReservePlanUpdated;
    reserve::Release:
        ReserveReleaseCreated;
    setup_intent::SetupIntent:
        SetupIntentCanceled
        SetupIntentCreated
        SetupIntentRequiresAction
        SetupIntentSetupFailed
        SetupIntentSucceeded;
    sigma::ScheduledQueryRun:
        SigmaScheduledQueryRunCreated;
    sources::CustomerSource:
        CustomerSourceCreated
        CustomerSourceDeleted
        CustomerSourceExpiring
        CustomerSourceUpdated;
    sources::Source:
        SourceCanceled
        SourceChargeable
        SourceFailed
        SourceRefundAttributesRequired;
    sources::SourceMandateNotification:
        SourceMandateNotification;
    sources::SourceTransaction:
        SourceTransactionCreated
        SourceTransactionUpdated;
    subscription_schedule::SubscriptionSchedule:
        SubscriptionScheduleAborted
        SubscriptionScheduleCanceled
        SubscriptionScheduleCompleted
        SubscriptionScheduleCreated
        SubscriptionScheduleExpiring
        SubscriptionSchedulePhaseAdded
        SubscriptionSchedulePhaseDefaultTaxRatesChanged
        SubscriptionSchedulePhaseEndDateChanged
        SubscriptionSchedulePhaseRemoved
        SubscriptionSchedulePhaseTrialEndChanged
        SubscriptionScheduleReleased
        SubscriptionScheduleUpdated;
    tax::Settings:
        TaxSettingsUpdated;
    tax::TaxId:
        CustomerTaxIdCreated
        CustomerTaxIdDeleted
        CustomerTaxIdUpdated;
    tax::TaxRate:
        TaxRateCreated
        TaxRateUpdated;
    terminal::Reader:
        TerminalReaderActionFailed
        TerminalReaderActionSucceeded
        TerminalReaderActionUpdated;
    test_clock::TestClock:
        TestHelpersTestClockAdvancing
        TestHelpersTestClockCreated
        TestHelpersTestClockDeleted
        TestHelpersTestClockInternalFailure
        TestHelpersTestClockReady;
    three_d_secure::Authentication:
        ThreeDSecureAuthenticationCanceled
        ThreeDSecureAuthenticationChallengeStarted
        ThreeDSecureAuthenticationErrored
        ThreeDSecureAuthenticationFailed
        ThreeDSecureAuthenticationRequiresChallenge
        ThreeDSecureAuthenticationRequiresSubmission
        ThreeDSecureAuthenticationSucceeded;
    topup::Topup:
        TopupCanceled
        TopupCreated
        TopupFailed
        TopupReversed
        TopupSucceeded;
    transfer::Transfer:
        TransferCreated
        TransferReversed
        TransferUpdated;
    treasury::CreditReversal:
        TreasuryCreditReversalCreated
        TreasuryCreditReversalPosted;
    treasury::DebitReversal:
        TreasuryDebitReversalCompleted
        TreasuryDebitReversalCreated
        TreasuryDebitReversalInitialCreditGranted;
    treasury::FinancialAccount:
        TreasuryFinancialAccountClosed
        TreasuryFinancialAccountCreated
        TreasuryFinancialAccountFeaturesStatusUpdated;
    treasury::InboundTransfer:
        TreasuryInboundTransferCanceled
        TreasuryInboundTransferCreated
        TreasuryInboundTransferFailed
        TreasuryInboundTransferSucceeded;
    treasury::OutboundPayment:
        TreasuryOutboundPaymentCanceled
        TreasuryOutboundPaymentCreated
        TreasuryOutboundPaymentExpectedArrivalDateUpdated
        TreasuryOutboundPaymentFailed
        TreasuryOutboundPaymentPosted
        TreasuryOutboundPaymentReturned
        TreasuryOutboundPaymentTrackingDetailsUpdated;
    treasury::OutboundTransfer:
        TreasuryOutboundTransferCanceled
        TreasuryOutboundTransferCreated
        TreasuryOutboundTransferExpectedArrivalDateUpdated
        TreasuryOutboundTransferFailed
        TreasuryOutboundTransferPosted
        TreasuryOutboundTransferReturned
        TreasuryOutboundTransferTrackingDetailsUpdated;
    treasury::ReceivedCredit:
        TreasuryReceivedCreditCreated
        TreasuryReceivedCreditFailed
        TreasuryReceivedCreditSucceeded;
    treasury::ReceivedDebit:
        TreasuryReceivedDebitCreated;
    v2::Account:
        V2CoreAccountClosed
        V2CoreAccountConfigurationCustomerCapabilityStatusUpdated
        V2CoreAccountConfigurationCustomerUpdated
        V2CoreAccountConfigurationMerchantCapabilityStatusUpdated
        V2CoreAccountConfigurationMerchantUpdated
        V2CoreAccountConfigurationRecipientCapabilityStatusUpdated
        V2CoreAccountConfigurationRecipientUpdated
        V2CoreAccountCreated
        V2CoreAccountDefaultsUpdated
        V2CoreAccountFutureRequirementsUpdated
        V2CoreAccountIdentityUpdated
        V2CoreAccountRequirementsUpdated
        V2CoreAccountUpdated;
    v2::AccountPerson:
        V2CoreAccountPersonCreated
        V2CoreAccountPersonDeleted
        V2CoreAccountPersonUpdated;
    v2::Adjustment:
        V2MoneyManagementAdjustmentCreated;
    v2::EventDestination:
        V2CoreEventDestinationPing;
    v2::FinancialAccount:
        V2MoneyManagementFinancialAccountCreated
        V2MoneyManagementFinancialAccountUpdated;
    v2::FinancialAddress:
        V2MoneyManagementFinancialAddressActivated
        V2MoneyManagementFinancialAddressFailed;
    v2::InboundTransfer:
        V2MoneyManagementInboundTransferAvailable
        V2MoneyManagementInboundTransferBankDebitFailed
        V2MoneyManagementInboundTransferBankDebitProcessing
        V2MoneyManagementInboundTransferBankDebitQueued
        V2MoneyManagementInboundTransferBankDebitReturned
        V2MoneyManagementInboundTransferBankDebitSucceeded;
    v2::OutboundPayment:
        V2MoneyManagementOutboundPaymentCanceled
        V2MoneyManagementOutboundPaymentCreated
        V2MoneyManagementOutboundPaymentFailed
        V2MoneyManagementOutboundPaymentPosted
        V2MoneyManagementOutboundPaymentReturned
        V2MoneyManagementOutboundPaymentUnderReview
        V2MoneyManagementOutboundPaymentUpdated;
    v2::PayoutIntent:
        V2MoneyManagementPayoutIntentCanceled
        V2MoneyManagementPayoutIntentCreated
        V2MoneyManagementPayoutIntentPending
        V2MoneyManagementPayoutIntentPosted
        V2MoneyManagementPayoutIntentProcessing
        V2MoneyManagementPayoutIntentRequiresAction
        V2MoneyManagementPayoutIntentUpdated;
    v2::PayoutMethod:
        V2MoneyManagementPayoutMethodCreated
        V2MoneyManagementPayoutMethodUpdated;
    v2::ProductCatalogImport:
        V2CommerceProductCatalogImportsFailed
        V2CommerceProductCatalogImportsProcessing
        V2CommerceProductCatalogImportsSucceeded
        V2CommerceProductCatalogImportsSucceededWithErrors;
    v2::ReceivedCredit:
        V2MoneyManagementReceivedCreditAvailable
        V2MoneyManagementReceivedCreditFailed
        V2MoneyManagementReceivedCreditReturned
        V2MoneyManagementReceivedCreditSucceeded;
    v2::RecipientVerification:
        V2MoneyManagementRecipientVerificationCreated
        V2MoneyManagementRecipientVerificationUpdated;
    v2::Transaction:
        V2MoneyManagementTransactionCreated
        V2MoneyManagementTransactionUpdated;
}

impl Event {
    /// Decodes the object into a variant.
    ///
    /// A function of its own, so that the stack frame of [`data`](Self::data) does not have room for
    /// the object of each variant.
    fn data_as<T: Named>(&self, variant: fn(T) -> EventData) -> Result<EventData, DecodeError> {
        if self.has_nothing_to_fetch() {
            return Ok(EventData::Other);
        }
        Ok(self.object_if_named()?.map_or(EventData::Other, variant))
    }
}
