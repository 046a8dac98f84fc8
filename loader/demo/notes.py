"""Names of note-level concepts, which fill the greater part of a companyfacts file and give no statement line.

They are put together from families of the us-gaap taxonomy's way of naming; what they say has no bearing on the statements.
"""

from __future__ import annotations

from typing import Final

#: Families whose facts are flows, with the subjects in each.
_FLOWS: Final = {
    "IncreaseDecreaseIn{}": (
        "Inventories PrepaidDeferredExpenseAndOtherAssets AccruedLiabilities OtherOperatingLiabilities "
        "OtherOperatingAssets OtherReceivables DeferredRevenue AccruedIncomeTaxesPayable EmployeeRelatedLiabilities "
        "OtherNoncurrentLiabilities OtherNoncurrentAssets ContractWithCustomerLiability InterestPayableNet "
        "RestrictedCash CustomerDeposits OperatingCapital"
    ),
    "IncomeTaxReconciliation{}": (
        "IncomeTaxExpenseBenefitAtFederalStatutoryIncomeTaxRate StateAndLocalIncomeTaxes "
        "ForeignIncomeTaxRateDifferential TaxCreditsResearch OtherAdjustments "
        "NondeductibleExpenseShareBasedCompensationCost ChangeInDeferredTaxAssetsValuationAllowance "
        "OtherReconcilingItems TaxCreditsOther PriorYearIncomeTaxes"
    ),
    "OtherComprehensiveIncomeLoss{}": (
        "ForeignCurrencyTransactionAndTranslationAdjustmentNetOfTax AvailableForSaleSecuritiesAdjustmentNetOfTax "
        "DerivativesQualifyingAsHedgesNetOfTax PensionAndOtherPostretirementBenefitPlansAdjustmentNetOfTax "
        "UnrealizedHoldingGainLossOnSecuritiesArisingDuringPeriodNetOfTax Tax BeforeReclassificationsNetOfTax "
        "ReclassificationAdjustmentFromAOCIForSaleOfSecuritiesNetOfTax "
        "CashFlowHedgeGainLossReclassificationAfterTax"
    ),
    "DefinedBenefitPlan{}": (
        "ServiceCost InterestCost ExpectedReturnOnPlanAssets AmortizationOfGainsLosses "
        "AmortizationOfPriorServiceCostCredit NetPeriodicBenefitCost ContributionsByEmployer "
        "BenefitsPaidBenefitObligation ActuarialGainLoss SettlementsBenefitObligation "
        "RecognizedNetGainLossDueToSettlements1 ActualReturnOnPlanAssets PlanAmendments"
    ),
    "ShareBasedCompensationArrangementByShareBasedPaymentAward{}": (
        "OptionsExercisesInPeriodTotalIntrinsicValue1 EquityInstrumentsOtherThanOptionsVestedInPeriodTotalFairValue "
        "OptionsVestedInPeriodFairValue1 CompensationCost DiscountFromMarketPriceAmount EmployeeTaxWithholding "
        "OptionsGrantsInPeriodFairValue AcceleratedCompensationCost"
    ),
    "Restructuring{}": (
        "Charges AndRelatedCostIncurredCost ReservePeriodIncreaseDecrease ReserveTranslationAdjustment SettlementCost"
    ),
    "GainLossOn{}": (
        "SaleOfBusiness SaleOfOtherAssets DerivativeInstrumentsNetPretax SaleOfInvestments "
        "SaleOfPropertyPlantEquipment ForeignCurrencyContracts InterestRateSwaps EquitySecurities"
    ),
    "ProceedsFrom{}": (
        "IssuanceOfLongTermDebtNetOfCosts SaleOfPropertyPlantAndEquipment DivestitureOfBusinesses "
        "PaymentsForOtherShortTermDebt SaleMaturityAndCollectionsOfInvestments SaleOfAvailableForSaleSecurities "
        "MaturitiesPrepaymentsAndCallsOfAvailableForSaleSecurities NotesPayable LinesOfCredit "
        "SaleOfOtherInvestments IncomeTaxRefunds InsuranceSettlementInvestingActivities"
    ),
    "PaymentsFor{}": (
        "Restructuring LegalSettlements DerivativeInstrumentInvestingActivities DebtIssuanceCosts OtherTaxes "
        "MergerRelatedCosts AdvanceToAffiliate RepurchaseOfWarrants ContingentConsideration "
        "ProceedsFromLoansReceivable Rent Royalties"
    ),
    "PaymentsTo{}": (
        "AcquireInvestments AcquireAvailableForSaleSecurities AcquireIntangibleAssets AcquireOtherInvestments "
        "AcquireEquityMethodInvestments DevelopSoftware Employees Suppliers AcquireMarketableSecurities "
        "AcquireBusinessTwoNetOfCashAcquired AcquireLoansReceivable"
    ),
    "{}Expense": (
        "Advertising OperatingLease FinanceLeaseInterest VariableLease ShortTermLease AmortizationOfDeferredCharges "
        "LegalSettlement AssetRetirementObligationAccretion SubleaseIncomeNetOf EnvironmentalRemediation "
        "DefinedContributionPlan ProductWarranty Severance Relocation BusinessDevelopment ProfessionalFees Travel "
        "Occupancy Communications Licenses"
    ),
    "{}ImpairmentLoss": (
        "GoodwillAndIntangibleAsset LongLivedAssets InvestmentIn OperatingLeaseRightOfUse CapitalizedSoftware RealEstateHeld"
    ),
    "DeferredIncomeTax{}": ("ExpenseBenefitFederal ExpenseBenefitState ExpenseBenefitForeign AssetsMovement LiabilitiesMovement"),
    "CurrentIncomeTax{}": "FederalExpense StateExpense ForeignExpense ExpenseBenefitTotalOfNotes",
    "UnrecognizedTaxBenefits{}": (
        "IncreasesResultingFromPriorPeriodTaxPositions IncreasesResultingFromCurrentPeriodTaxPositions "
        "DecreasesResultingFromPriorPeriodTaxPositions DecreasesResultingFromSettlementsWithTaxingAuthorities "
        "ReductionsResultingFromLapseOfApplicableStatuteOfLimitations IncomeTaxPenaltiesAndInterestExpense"
    ),
    "BusinessAcquisition{}": (
        "ProFormaRevenue ProFormaNetIncomeLoss CostOfAcquiredEntityTransactionCosts "
        "RevenueOfAcquireeSinceAcquisitionDateActual EarningsOrLossOfAcquireeSinceAcquisitionDateActual"
    ),
    "AdjustmentsToAdditionalPaidInCapital{}": (
        "SharebasedCompensationRequisiteServicePeriodRecognitionValue TaxEffectFromShareBasedCompensation "
        "WarrantIssued Other EquityComponentOfConvertibleDebt IncreaseInCarryingAmountOfRedeemablePreferredStock"
    ),
    "StockIssuedDuringPeriodValue{}": (
        "ShareBasedCompensation EmployeeStockPurchasePlan Acquisitions NewIssues ConversionOfConvertibleSecurities"
    ),
    "ContractWithCustomerLiability{}": "RevenueRecognized CumulativeCatchUpAdjustment AdditionsOfNotes Billings",
    "InvestmentIncome{}": "Dividend InterestOfNotes NonoperatingDetail AmortizationOfDiscount NetRealized",
}
#: Families whose facts are stated for a day.
_INSTANTS: Final = {
    "DeferredTaxAssets{}": (
        "Net ValuationAllowance Gross OperatingLossCarryforwards TaxCreditCarryforwards Other "
        "TaxDeferredExpenseCompensationAndBenefits InventoryDetail DeferredIncome CapitalLossCarryforwards "
        "GoodwillAndIntangibles OperatingLosses UnrealizedLosses"
    ),
    "DeferredTaxLiabilities{}": (
        "Gross PropertyPlantAndEquipmentDetail LeasingArrangements Other GoodwillAndIntangibleAssets "
        "PrepaidExpenses Undistributed"
    ),
    "FiniteLivedIntangibleAssets{}": (
        "GrossCarrying AccumulatedAmortization AmortizationExpenseNextTwelveMonths AmortizationExpenseYearTwo "
        "AmortizationExpenseYearThree AmortizationExpenseYearFour AmortizationExpenseYearFive "
        "AmortizationExpenseAfterYearFive"
    ),
    "LongTermDebtMaturities{}": (
        "RepaymentsOfPrincipalInNextTwelveMonths RepaymentsOfPrincipalInYearTwo RepaymentsOfPrincipalInYearThree "
        "RepaymentsOfPrincipalInYearFour RepaymentsOfPrincipalInYearFive RepaymentsOfPrincipalAfterYearFive"
    ),
    "LesseeOperatingLeaseLiability{}": (
        "PaymentsDue PaymentsDueNextTwelveMonths PaymentsDueYearTwo PaymentsDueYearThree PaymentsDueYearFour "
        "PaymentsDueYearFive PaymentsDueAfterYearFive UndiscountedExcessAmount"
    ),
    "FinanceLeaseLiability{}": (
        "PaymentsDue PaymentsDueNextTwelveMonths PaymentsDueYearTwo PaymentsDueYearThree PaymentsDueYearFour UndiscountedExcess"
    ),
    "DefinedBenefitPlan{}": (
        "BenefitObligation FairValueOfPlanAssets FundedStatusOfPlan AccumulatedBenefitObligation "
        "AmountsRecognizedInBalanceSheetDetail ExpectedFutureBenefitPaymentsNextTwelveMonths "
        "ExpectedFutureBenefitPaymentsYearTwo ExpectedFutureBenefitPaymentsYearThree "
        "ExpectedFutureBenefitPaymentsYearFour ExpectedFutureBenefitPaymentsYearFive"
    ),
    "LineOfCreditFacility{}": (
        "MaximumBorrowingCapacity RemainingBorrowingCapacity CurrentBorrowingCapacity FairValueOfAmountOutstanding "
        "AverageOutstanding"
    ),
    "Derivative{}": (
        "NotionalAmountOfNotes AssetFairValueGrossAsset LiabilityFairValueGrossLiability FairValueOfDerivativeNet "
        "CollateralObligation CollateralRightToReclaim AssetOffset LiabilityOffset AmountHedgedItem"
    ),
    "UnrecognizedTaxBenefits{}": (
        "Total ThatWouldImpactEffectiveTaxRate InterestAccrued PenaltiesAccrued Noncurrent ReasonablyPossibleDecrease"
    ),
    "BusinessAcquisitionPurchasePriceAllocation{}": (
        "AssetsAcquired LiabilitiesAssumed IntangibleAssetsAcquired CurrentAssetsAcquired DeferredTaxLiability "
        "GoodwillAmountOfNotes Inventories PropertyPlantAndEquipmentAcquired"
    ),
    "RestructuringReserve{}": "Balance CurrentPortion NoncurrentPortion Severance Facilities",
    "LossContingency{}": (
        "AccrualAtCarryingAmount EstimateOfPossibleLoss RangeOfPossibleLossMinimum RangeOfPossibleLossMaximum DamagesSought"
    ),
    "Accrued{}": (
        "EmployeeBenefits Marketing RentDetail ProfessionalFees InsuranceDetail Royalties SalesCommission Bonuses "
        "InterestPortion Freight Rebates ProductReturns CapitalExpenditures Utilities Advertising Vacation"
    ),
    "Prepaid{}": "ExpenseDetail Insurance Rent Taxes Advertising Royalties Interest Maintenance Software Freight",
    "InvestmentsIn{}": (
        "AffiliatesAtCost PrivateCompanies PartnershipsDetail EquityFunds MunicipalBonds CorporateBonds "
        "TreasurySecurities Agencies"
    ),
    "AvailableForSaleSecuritiesDebtMaturities{}": (
        "WithinOneYear AfterOneThroughFiveYears AfterFiveThroughTenYears AfterTenYears WithoutSingleMaturity"
    ),
    "PurchaseObligation{}": (
        "Total DueInNextTwelveMonths DueInSecondYear DueInThirdYear DueInFourthYear DueInFifthYear DueAfterFifthYear"
    ),
    "Allowance{}": ("ForDoubtfulAccountsDetail ForSalesReturns ForObsoleteInventory ForWarranties ForLoanCommitments ForNotes"),
    "StandardProductWarranty{}": "Accrual AccrualCurrentPortion AccrualNoncurrentPortion Extended",
    "GuaranteeObligations{}": "MaximumExposure CurrentCarrying Collateral Recourse",
    "RevenueRemainingPerformanceObligation{}": "Total WithinTwelveMonths AfterTwelveMonths Renewals",
    "CapitalizedContractCost{}": "Net GrossOfNotes AccumulatedAmortization Current Noncurrent",
}


def _names(families: dict[str, str]) -> list[str]:
    return [family.format(subject) for family, subjects in families.items() for subject in subjects.split()]


FLOW_NOTES: Final = tuple(_names(_FLOWS))
INSTANT_NOTES: Final = tuple(_names(_INSTANTS))
