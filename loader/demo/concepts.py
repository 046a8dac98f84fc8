"""Which us-gaap concept states which item in the synthetic filings.

An item is a quantity of the economy that the generator makes up; most bear the name of the statement line that they give. Each
has one or more candidate concepts, of which a company takes one, and may go over to another at the start of a fiscal year. The
choices are the generator's own: it does not look at the loader's.
"""

from __future__ import annotations

from typing import Final, Literal

Template = Literal["industrial", "services", "bank", "insurer", "reit", "utility"]

#: Items stated in units of the currency per share.
PER_SHARE: Final = frozenset({"eps_basic", "eps_diluted", "dividends_per_share"})
#: Items stated in shares.
SHARES: Final = frozenset({"shares_basic", "shares_diluted", "shares_outstanding", "shares_issued", "shares_authorized"})

#: Items that every filing states under one and the same concept.
FIXED: Final = {
    "gross_profit": "GrossProfit",
    "research_and_development": "ResearchAndDevelopmentExpense",
    "selling_general_admin": "SellingGeneralAndAdministrativeExpense",
    "operating_expenses": "OperatingExpenses",
    "noninterest_expense": "NoninterestExpense",
    "costs_and_expenses": "CostsAndExpenses",
    "benefits_and_expenses": "BenefitsLossesAndExpenses",
    "operating_income": "OperatingIncomeLoss",
    "nonoperating_income": "NonoperatingIncomeExpense",
    "income_tax": "IncomeTaxExpenseBenefit",
    "profit_loss": "ProfitLoss",
    "nci_income": "NetIncomeLossAttributableToNoncontrollingInterest",
    "net_income": "NetIncomeLoss",
    "preferred_dividends": "PreferredStockDividendsIncomeStatementImpact",
    "net_income_common": "NetIncomeLossAvailableToCommonStockholdersBasic",
    "comprehensive_income": "ComprehensiveIncomeNetOfTax",
    "eps_basic": "EarningsPerShareBasic",
    "eps_diluted": "EarningsPerShareDiluted",
    "shares_basic": "WeightedAverageNumberOfSharesOutstandingBasic",
    "shares_diluted": "WeightedAverageNumberOfDilutedSharesOutstanding",
    "interest_income": "InterestAndDividendIncomeOperating",
    "net_interest_income": "InterestIncomeExpenseNet",
    "noninterest_income": "NoninterestIncome",
    "premiums_earned": "PremiumsEarnedNet",
    "investment_income": "NetInvestmentIncome",
    "total_assets": "Assets",
    "current_assets": "AssetsCurrent",
    "cash_and_equivalents": "CashAndCashEquivalentsAtCarryingValue",
    "cash_and_restricted": "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
    "receivables": "AccountsReceivableNetCurrent",
    "inventory": "InventoryNet",
    "other_current_assets": "OtherAssetsCurrent",
    "ppe_gross": "PropertyPlantAndEquipmentGross",
    "accumulated_depreciation": "AccumulatedDepreciationDepletionAndAmortizationPropertyPlantAndEquipment",
    "ppe_net": "PropertyPlantAndEquipmentNet",
    "goodwill": "Goodwill",
    "other_assets": "OtherAssetsNoncurrent",
    "total_liabilities": "Liabilities",
    "current_liabilities": "LiabilitiesCurrent",
    "accounts_payable": "AccountsPayableCurrent",
    "accrued_liabilities": "AccruedLiabilitiesCurrent",
    "other_liabilities": "OtherLiabilitiesNoncurrent",
    "deposits": "Deposits",
    "policy_benefits": "LiabilityForFuturePolicyBenefits",
    "loans": "NotesReceivableNet",
    "total_debt": "DebtLongtermAndShorttermCombinedAmount",
    "common_stock": "CommonStocksIncludingAdditionalPaidInCapital",
    "treasury_stock": "TreasuryStockValue",
    "retained_earnings": "RetainedEarningsAccumulatedDeficit",
    "other_comprehensive_income": "AccumulatedOtherComprehensiveIncomeLossNetOfTax",
    "total_equity": "StockholdersEquity",
    "equity_with_nci": "StockholdersEquityIncludingPortionAttributableToNoncontrollingInterest",
    "noncontrolling_interest": "MinorityInterest",
    "liabilities_and_equity": "LiabilitiesAndStockholdersEquity",
    "shares_outstanding": "CommonStockSharesOutstanding",
    "shares_issued": "CommonStockSharesIssued",
    "shares_authorized": "CommonStockSharesAuthorized",
    "operating_cash_flow": "NetCashProvidedByUsedInOperatingActivities",
    "investing_cash_flow": "NetCashProvidedByUsedInInvestingActivities",
    "financing_cash_flow": "NetCashProvidedByUsedInFinancingActivities",
    "stock_based_compensation": "ShareBasedCompensation",
    "change_in_receivables": "IncreaseDecreaseInAccountsReceivable",
    "change_in_payables": "IncreaseDecreaseInAccountsPayable",
    "other_operating": "OtherOperatingActivitiesCashFlowStatement",
    "other_investing": "PaymentsForProceedsFromOtherInvestingActivities",
    "other_financing": "ProceedsFromPaymentsForOtherFinancingActivities",
    "interest_paid": "InterestPaidNet",
    "taxes_paid": "IncomeTaxesPaidNet",
}

#: Items for which companies differ: one concept for good, or several of which each holds from some fiscal year on.
CHOICES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "revenue": (
        ("SalesRevenueNet", "RevenueFromContractWithCustomerExcludingAssessedTax"),
        ("Revenues",),
        ("SalesRevenueNet", "Revenues"),
        ("RevenueFromContractWithCustomerExcludingAssessedTax",),
        ("Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax"),
    ),
    "cost_of_revenue": (
        ("CostOfRevenue",),
        ("CostOfGoodsSold", "CostOfGoodsAndServicesSold"),
        ("CostOfGoodsAndServicesSold",),
        ("CostOfGoodsAndServicesSold", "CostOfRevenue"),
    ),
    "interest_expense": (("InterestExpense",), ("InterestExpense", "InterestExpenseNonoperating")),
    "pretax_income": (
        ("IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",),
        (
            "IncomeLossFromContinuingOperationsBeforeIncomeTaxesMinorityInterestAndIncomeLossFromEquityMethodInvestments",
            "IncomeLossFromContinuingOperationsBeforeIncomeTaxesExtraordinaryItemsNoncontrollingInterest",
        ),
    ),
    "dividends_per_share": (("CommonStockDividendsPerShareDeclared",), ("CommonStockDividendsPerShareCashPaid",)),
    "provision_for_credit_losses": (
        ("ProvisionForLoanLeaseAndOtherLosses",),
        ("ProvisionForLoanAndLeaseLosses", "ProvisionForLoanLeaseAndOtherLosses"),
    ),
    "short_term_investments": (("ShortTermInvestments",), ("AvailableForSaleSecuritiesCurrent", "MarketableSecuritiesCurrent")),
    "intangible_assets": (("FiniteLivedIntangibleAssetsNet",), ("IntangibleAssetsNetExcludingGoodwill",)),
    "short_term_debt": (("DebtCurrent",), ("LongTermDebtCurrent",)),
    "long_term_debt": (("LongTermDebtNoncurrent",), ("LongTermDebtAndCapitalLeaseObligations", "LongTermDebtNoncurrent")),
    "net_change_in_cash": (
        (
            "CashAndCashEquivalentsPeriodIncreaseDecrease",
            "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncludingExchangeRateEffect",
        ),
        ("CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalentsPeriodIncreaseDecreaseIncludingExchangeRateEffect",),
    ),
    "exchange_rate_effect": (
        (
            "EffectOfExchangeRateOnCashAndCashEquivalents",
            "EffectOfExchangeRateOnCashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
        ),
        ("EffectOfExchangeRateOnCashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",),
    ),
    "capital_expenditures": (
        ("PaymentsToAcquirePropertyPlantAndEquipment",),
        ("PaymentsToAcquireProductiveAssets", "PaymentsToAcquirePropertyPlantAndEquipment"),
        ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"),
        ("PaymentsToAcquireProductiveAssets",),
    ),
    "depreciation_amortization": (("DepreciationDepletionAndAmortization",), ("DepreciationAndAmortization",)),
    "dividends_paid": (("PaymentsOfDividends",), ("PaymentsOfDividendsCommonStock",)),
    "share_repurchases": (("PaymentsForRepurchaseOfCommonStock",), ("PaymentsForRepurchaseOfEquity",)),
}

#: Templates that state an item under a concept of their own.
BY_TEMPLATE: Final[dict[Template, dict[str, tuple[str, ...]]]] = {
    "industrial": {},
    "services": {"revenue": ("Revenues",)},
    "bank": {
        "revenue": ("RevenuesNetOfInterestExpense",),
        "interest_expense": ("InterestExpense",),
        "short_term_debt": ("ShortTermBorrowings",),
        "long_term_debt": ("LongTermDebt",),
    },
    "insurer": {"revenue": ("Revenues",), "interest_expense": ("InterestExpense",)},
    "reit": {
        "revenue": ("RealEstateRevenueNet", "Revenues"),
        "ppe_gross": ("RealEstateInvestmentPropertyAtCost",),
        "accumulated_depreciation": ("RealEstateInvestmentPropertyAccumulatedDepreciation",),
        "ppe_net": ("RealEstateInvestmentPropertyNet",),
        "depreciation_amortization": ("DepreciationDepletionAndAmortization",),
    },
    "utility": {
        "revenue": ("RegulatedAndUnregulatedOperatingRevenue",),
        "ppe_net": ("PropertyPlantAndEquipmentNet", "PublicUtilitiesPropertyPlantAndEquipmentNet"),
    },
}

#: Income items in the order of the statement, by template: those that every company of the template states.
INCOME_ITEMS: Final[dict[Template, tuple[str, ...]]] = {
    "industrial": ("revenue", "cost_of_revenue", "operating_expenses", "operating_income", "nonoperating_income"),
    "services": ("revenue", "costs_and_expenses", "operating_income", "nonoperating_income"),
    "bank": (
        "interest_income",
        "interest_expense",
        "net_interest_income",
        "provision_for_credit_losses",
        "noninterest_income",
        "revenue",
        "noninterest_expense",
    ),
    "insurer": ("premiums_earned", "investment_income", "revenue", "benefits_and_expenses"),
    "reit": ("revenue", "costs_and_expenses", "operating_income", "nonoperating_income"),
    "utility": ("revenue", "costs_and_expenses", "operating_income", "nonoperating_income"),
}
#: ... and those at the bottom of every income statement.
COMMON_INCOME_ITEMS: Final = (
    "pretax_income",
    "income_tax",
    "net_income",
    "comprehensive_income",
    "eps_basic",
    "eps_diluted",
    "shares_basic",
    "shares_diluted",
)
#: What a maker of things with a lending arm states of it: a bank's lines, on a small scale.
CAPTIVE_FINANCE_ITEMS: Final = ("interest_income", "provision_for_credit_losses")
CASH_ITEMS: Final = (
    "operating_cash_flow",
    "investing_cash_flow",
    "financing_cash_flow",
    "net_change_in_cash",
    "depreciation_amortization",
    "stock_based_compensation",
    "change_in_receivables",
    "change_in_payables",
    "other_operating",
    "other_investing",
    "other_financing",
    "interest_paid",
    "taxes_paid",
)
BALANCE_ITEMS: Final = (
    "total_assets",
    "cash_and_equivalents",
    "ppe_gross",
    "accumulated_depreciation",
    "ppe_net",
    "other_assets",
    "total_liabilities",
    "common_stock",
    "treasury_stock",
    "retained_earnings",
    "other_comprehensive_income",
    "total_equity",
    "liabilities_and_equity",
    "shares_authorized",
)
#: ... and those of a classified balance sheet.
CLASSIFIED_ITEMS: Final = (
    "current_assets",
    "receivables",
    "other_current_assets",
    "current_liabilities",
    "accounts_payable",
    "accrued_liabilities",
    "other_liabilities",
)
#: Templates whose balance sheets do not tell current from other.
UNCLASSIFIED: Final = frozenset({"bank", "insurer", "reit"})
