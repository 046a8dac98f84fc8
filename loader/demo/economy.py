"""The economy of one company: what it earned, owned and owed in every quarter, as whole numbers that agree with each other.

Every identity holds exactly in every quarter and therefore in every sum of quarters: gross profit, operating and pretax income,
net income with and without noncontrolling interest, the balance sheet's two sides, and the change in cash. A restated fiscal year
has a second set of figures: those that were filed at first.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from loader.demo.calendars import Calendar
from loader.demo.concepts import Template
from loader.demo.profiles import Profile, random_source

Amounts = dict[str, int]
Values = dict[str, int | float]

#: What stands between revenue and pretax income, and where a restatement finds or loses costs.
_ADJUSTABLE: Final[dict[Template, str]] = {
    "industrial": "selling_general_admin",
    "services": "selling_general_admin",
    "bank": "noninterest_expense",
    "insurer": "benefits_and_expenses",
    "reit": "other_costs",
    "utility": "other_costs",
}


@dataclass(slots=True)
class Economy:
    """Flows and balances by quarter.

    Attributes:
        calendar: the quarters.
        flows: per quarter the flows (in units of the currency; shares in shares, dividends per share in cents).
        balances: per quarter the balances at its end.
        first_flows: the flows as first filed, for the quarters of the restated year.
        first_balances: the balances as first filed, likewise.
    """

    calendar: Calendar
    flows: list[Amounts]
    balances: list[Amounts]
    first_flows: dict[int, Amounts] = field(default_factory=dict)
    first_balances: dict[int, Amounts] = field(default_factory=dict)
    _spans: dict[tuple[int, int, bool], Values] = field(default_factory=dict)

    def balance(self, quarter: int, first: bool) -> Amounts:
        """What the balance sheet at the end of a quarter states; `first`: before the restatement."""
        return self.first_balances.get(quarter, self.balances[quarter]) if first else self.balances[quarter]

    def span(self, start: int, end: int, first: bool) -> Values:
        """What the statements state for a span of quarters, both included; `first`: before the restatement."""
        first = first and any(quarter in self.first_flows for quarter in range(start, end + 1))
        key = (start, end, first)
        known = self._spans.get(key)
        if known is None:
            known = self._spans[key] = self._add_up(start, end, first)
        return known

    def _add_up(self, start: int, end: int, first: bool) -> Values:
        quarters = [
            self.first_flows.get(quarter, self.flows[quarter]) if first else self.flows[quarter]
            for quarter in range(start, end + 1)
        ]
        totals: Values = dict(quarters[0])
        for quarter in quarters[1:]:
            for item, amount in quarter.items():
                totals[item] += amount
        days = [self.calendar.days(quarter, quarter) for quarter in range(start, end + 1)]
        for item in ("shares_basic", "shares_diluted"):
            weighted = sum(quarter[item] * length for quarter, length in zip(quarters, days, strict=True))
            totals[item] = weighted // sum(days)
        # the parts of a currency unit are cents, as filers state them
        totals["eps_basic"] = round(totals["net_income_common"] / totals["shares_basic"], 2)
        totals["eps_diluted"] = round(totals["net_income_common"] / totals["shares_diluted"], 2)
        totals["dividends_per_share"] = totals["dividends_per_share"] / 100
        return totals


def _settle(template: Template, flows: Amounts) -> None:
    """Work out the subtotals from what they consist of, in place."""
    if template == "bank":
        flows["net_interest_income"] = flows["interest_income"] - flows["interest_expense"]
        flows["revenue"] = flows["net_interest_income"] + flows["noninterest_income"]
        flows["pretax_income"] = flows["revenue"] - flows["provision_for_credit_losses"] - flows["noninterest_expense"]
    elif template == "insurer":
        flows["revenue"] = flows["premiums_earned"] + flows["investment_income"]
        flows["pretax_income"] = flows["revenue"] - flows["benefits_and_expenses"]
    else:
        if template == "industrial":
            flows["gross_profit"] = flows["revenue"] - flows["cost_of_revenue"]
            flows["operating_expenses"] = (
                flows["research_and_development"] + flows["selling_general_admin"] + flows["other_costs"]
            )
            flows["operating_income"] = flows["gross_profit"] - flows["operating_expenses"]
        else:
            flows["costs_and_expenses"] = flows["selling_general_admin"] + flows["other_costs"]
            flows["operating_income"] = flows["revenue"] - flows["costs_and_expenses"]
        flows["pretax_income"] = flows["operating_income"] + flows["nonoperating_income"] - flows["interest_expense"]
    flows["income_tax"] = flows["pretax_income"] * flows["_tax_rate"] // 100
    flows["profit_loss"] = flows["pretax_income"] - flows["income_tax"]
    flows["net_income"] = flows["profit_loss"] - flows["nci_income"]
    flows["net_income_common"] = flows["net_income"] - flows["preferred_dividends"]
    flows["comprehensive_income"] = flows["net_income"] + flows["_other_comprehensive"]
    if flows["net_income_common"] < 0:
        flows["shares_diluted"] = flows["shares_basic"]


def _income(profile: Profile, rng: random.Random, revenue: int, margin: float) -> Amounts:
    """The elements of one quarter's income statement, before the subtotals, in units of `profile.unit`."""
    share = rng.uniform
    features = set(profile.income_items)
    flows: Amounts = {
        "nonoperating_income": round(revenue * share(-0.01, 0.015)),
        "interest_expense": round(revenue * share(0.01, 0.03)),
        "research_and_development": 0,
        "selling_general_admin": round(revenue * share(0.12, 0.18)),
        "other_costs": round(revenue * share(0.02, 0.05)),
    }
    if profile.template == "bank":
        flows["interest_income"] = round(revenue * share(0.85, 0.95))
        flows["interest_expense"] = round(revenue * share(0.15, 0.3))
        flows["noninterest_income"] = round(revenue * share(0.25, 0.45))
        flows["provision_for_credit_losses"] = round(revenue * share(-0.02, 0.1))
        flows["noninterest_expense"] = round(revenue * (0.95 - margin))
    elif profile.template == "insurer":
        flows["premiums_earned"] = round(revenue * share(0.78, 0.85))
        flows["investment_income"] = revenue - flows["premiums_earned"]
        flows["benefits_and_expenses"] = round(revenue * (1 - margin))
    else:
        flows["revenue"] = revenue
        flows["interest_income"] = round(revenue * share(0.02, 0.05))
        flows["provision_for_credit_losses"] = round(revenue * share(0.002, 0.005))
        if profile.template == "industrial":
            if "research_and_development" in features:
                flows["research_and_development"] = round(revenue * share(0.03, 0.08))
            flows["cost_of_revenue"] = round(revenue * (0.72 - margin))
        else:
            flows["other_costs"] = round(revenue * (0.82 - margin))
    flows["_tax_rate"] = rng.randint(15, 26)
    flows["nci_income"] = round(revenue * share(-0.002, 0.01)) if "nci_income" in features else 0
    flows["preferred_dividends"] = max(1, revenue // 400) if "preferred_dividends" in features else 0
    flows["_other_comprehensive"] = round(revenue * share(-0.02, 0.02))
    return flows


def _first_flows(profile: Profile, rng: random.Random, flows: Amounts) -> Amounts:
    """What was filed for a quarter at first, given what it was restated to, in units of `profile.unit`."""
    filed = dict(flows)
    if profile.restates_costs_only:
        gross_up = max(1, round(flows["revenue"] * rng.uniform(0.02, 0.06)))
        filed["revenue"] -= gross_up
        filed["cost_of_revenue"] -= gross_up
    else:
        filed[_ADJUSTABLE[profile.template]] -= max(1, round(flows["revenue"] * rng.uniform(0.01, 0.03)))
    _settle(profile.template, filed)
    return filed


def _scale(amounts: Amounts, unit: int) -> Amounts:
    """Amounts in whole units of the currency; counts of shares, cents per share and rates are what they are."""
    plain = ("shares_basic", "shares_diluted", "shares_outstanding", "shares_issued", "shares_authorized", "dividends_per_share")
    return {item: amount if item in plain else amount * unit for item, amount in amounts.items() if not item.startswith("_")}


def build_economy(profile: Profile, seed: int) -> Economy:
    """Make up the economy of one company."""
    rng = random_source("economy", seed, profile.member.cik)
    calendar = profile.calendar
    unit = profile.unit
    books = _Books(profile, rng)
    flows: list[Amounts] = []
    balances: list[Amounts] = []
    for quarter in range(len(calendar.ends)):
        quarter_flows, quarter_balance = books.close_quarter(calendar.days(quarter, quarter))
        flows.append(quarter_flows)
        balances.append(quarter_balance)
    economy = Economy(calendar, [_scale(item, unit) for item in flows], [_scale(item, unit) for item in balances])
    income_lost = 0
    for quarter in _restated_quarters(profile):
        filed = _first_flows(profile, rng, flows[quarter])
        income_lost += filed["net_income"] - flows[quarter]["net_income"]
        balance = dict(balances[quarter])
        # the income that was not there stood in retained earnings, and was owed to somebody
        for item in ("retained_earnings", "total_equity", "equity_with_nci"):
            balance[item] += income_lost
        for item in ("total_liabilities", "other_liabilities"):
            balance[item] -= income_lost
        economy.first_flows[quarter] = _scale(filed, unit)
        economy.first_balances[quarter] = _scale(balance, unit)
    return economy


def _restated_quarters(profile: Profile) -> range:
    """The quarters that were first filed otherwise: of the restated year, or the one whose 10-Q is corrected."""
    if profile.restated_year is not None:
        year = profile.calendar.years[profile.restated_year]
        return range(year.first, year.last + 1)
    if profile.events.amended_quarter is not None:
        place, number = profile.events.amended_quarter
        quarter = profile.calendar.years[place].first + number
        return range(quarter, quarter + 1)
    return range(0)


class _Books:
    """The running accounts of a company, in units of `profile.unit`."""

    def __init__(self, profile: Profile, rng: random.Random) -> None:
        self.profile = profile
        self.rng = rng
        size = round(10 ** rng.uniform(2.3, 4.3)) * (1_000_000 // profile.unit)
        self.revenue = float(size)
        self.growth = rng.uniform(0.995, 1.03)
        self.season = [rng.uniform(0.92, 1.08) for _ in range(4)]
        self.margin = rng.uniform(0.04, 0.3)
        self.shares = round(size * profile.unit / rng.uniform(5, 60) / 1000) * 1000
        self.dividend_cents = rng.randint(5, 120)
        self.stock = size * 3
        self.retained = size * 2
        self.comprehensive = -(size // 10)
        self.treasury = size // 2
        self.minority = size // 5 if "noncontrolling_interest" in profile.balance_items else 0
        self.cash = size // 2
        self.restricted = size // 30 if "cash_and_restricted" in profile.balance_items else 0
        self.debt_level = rng.uniform(0.3, 1.6)
        self.debt = round(size * self.debt_level)
        self.ppe = size * (20 if profile.template == "reit" else 2)
        self.depreciated = size
        self.goodwill = size
        self.intangibles = size // 2
        self.quarter = 0

    def close_quarter(self, days: int) -> tuple[Amounts, Amounts]:
        """The flows of the next quarter, and the balances at its end."""
        rng, profile = self.rng, self.profile
        # a loss now and then
        margin = self.margin + rng.uniform(-0.05, 0.05) - (0.4 if rng.random() < 0.04 else 0)
        revenue = round(self.revenue * self.season[self.quarter % 4] * rng.uniform(0.97, 1.03) * days / 91)
        flows = _income(profile, rng, revenue, margin)
        flows["shares_basic"] = self.shares
        flows["shares_diluted"] = self.shares + self.shares // rng.randint(40, 200)
        _settle(profile.template, flows)
        flows["dividends_per_share"] = self.dividend_cents if "dividends_per_share" in profile.income_items else 0
        self._cash_flow(flows, revenue)
        balance = self._balance(flows, revenue)
        self.revenue *= self.growth
        self.quarter += 1
        if self.quarter % 4 == 0:
            self.dividend_cents += rng.randint(0, 4)
        # counts end in thousands, as millions of shares are stated
        self.shares = round(self.shares * rng.uniform(0.985, 1.004) / 1000) * 1000
        return flows, balance

    def _cash_flow(self, flows: Amounts, revenue: int) -> None:
        rng, stated = self.rng, set(self.profile.cash_items)
        share = rng.uniform
        flows["depreciation_amortization"] = round(revenue * share(0.03, 0.06))
        flows["stock_based_compensation"] = round(revenue * share(0.01, 0.04))
        flows["change_in_receivables"] = round(revenue * share(-0.03, 0.04))
        flows["change_in_payables"] = round(revenue * share(-0.02, 0.03))
        flows["other_operating"] = round(revenue * share(-0.02, 0.02))
        flows["operating_cash_flow"] = (
            flows["profit_loss"]
            + flows["depreciation_amortization"]
            + flows["stock_based_compensation"]
            - flows["change_in_receivables"]
            + flows["change_in_payables"]
            + flows["other_operating"]
        )
        flows["capital_expenditures"] = round(revenue * share(0.03, 0.09))
        flows["other_investing"] = round(revenue * share(-0.05, 0.08))
        flows["investing_cash_flow"] = -flows["capital_expenditures"] - flows["other_investing"]
        paid = flows["dividends_per_share"] * flows["shares_basic"] // (100 * self.profile.unit)
        flows["dividends_paid"] = paid if "dividends_paid" in stated else 0
        flows["share_repurchases"] = round(revenue * share(0, 0.08)) if "share_repurchases" in stated else 0
        flows["exchange_rate_effect"] = round(revenue * share(-0.004, 0.004)) if "exchange_rate_effect" in stated else 0
        # whatever else was borrowed or repaid brings cash to where the company wants it
        wanted = round(revenue * share(0.35, 0.65)) + self.restricted
        flows["net_change_in_cash"] = wanted - self.cash - self.restricted
        flows["financing_cash_flow"] = (
            flows["net_change_in_cash"]
            - flows["operating_cash_flow"]
            - flows["investing_cash_flow"]
            - flows["exchange_rate_effect"]
        )
        flows["other_financing"] = flows["financing_cash_flow"] + flows["dividends_paid"] + flows["share_repurchases"]
        flows["interest_paid"] = round(flows["interest_expense"] * share(0.8, 1.2))
        flows["taxes_paid"] = round(abs(flows["income_tax"]) * share(0.7, 1.3))

    def _balance(self, flows: Amounts, revenue: int) -> Amounts:
        rng, stated = self.rng, set(self.profile.balance_items)
        share = rng.uniform
        self.cash += flows["net_change_in_cash"]
        self.retained += flows["net_income_common"] - flows["dividends_paid"]
        self.stock += flows["stock_based_compensation"]
        self.treasury += flows["share_repurchases"]
        self.comprehensive += flows["_other_comprehensive"]
        self.minority += flows["nci_income"]
        self.ppe += flows["capital_expenditures"]
        self.depreciated += flows["depreciation_amortization"] // 2
        self.intangibles = max(1, round(self.intangibles * share(0.96, 1.02)))
        if rng.random() < 0.05:
            self.goodwill += round(revenue * share(0.1, 0.5))
        if rng.random() < 0.2:
            self.debt = round(revenue * self.debt_level * share(0.9, 1.2))
        held: Amounts = {
            "cash_and_equivalents": self.cash,
            "short_term_investments": round(revenue * share(0.1, 0.6)) if "short_term_investments" in stated else 0,
            "receivables": round(revenue * share(0.4, 0.7)),
            "inventory": round(revenue * share(0.2, 0.5)) if "inventory" in stated else 0,
            "other_current_assets": round(revenue * share(0.05, 0.1)) + self.restricted,
        }
        balance: Amounts = dict(held)
        balance["current_assets"] = sum(held.values())
        balance["cash_and_restricted"] = self.cash + self.restricted
        balance["ppe_gross"] = self.ppe
        balance["accumulated_depreciation"] = min(self.depreciated, self.ppe * 2 // 3)
        balance["ppe_net"] = self.ppe - balance["accumulated_depreciation"]
        balance["goodwill"] = self.goodwill if "goodwill" in stated else 0
        balance["intangible_assets"] = self.intangibles if "intangible_assets" in stated else 0
        total_debt = self.debt if stated & {"total_debt", "long_term_debt"} else 0
        balance["total_debt"] = total_debt
        balance["short_term_debt"] = round(total_debt * share(0.05, 0.3)) if "short_term_debt" in stated else 0
        balance["long_term_debt"] = total_debt - balance["short_term_debt"]
        balance["accounts_payable"] = round(revenue * share(0.2, 0.5))
        balance["accrued_liabilities"] = round(revenue * share(0.1, 0.3))
        balance["current_liabilities"] = balance["accounts_payable"] + balance["accrued_liabilities"] + balance["short_term_debt"]
        balance["common_stock"] = self.stock
        balance["treasury_stock"] = self.treasury
        balance["retained_earnings"] = self.retained
        balance["other_comprehensive_income"] = self.comprehensive
        balance["total_equity"] = self.stock - self.treasury + self.retained + self.comprehensive
        balance["noncontrolling_interest"] = self.minority
        balance["equity_with_nci"] = balance["total_equity"] + self.minority
        # both sides meet: either other liabilities or other assets take up what is left over, and neither is ever negative
        assets = balance["current_assets"] + balance["ppe_net"] + balance["goodwill"] + balance["intangible_assets"]
        claims = balance["current_liabilities"] + balance["long_term_debt"] + balance["equity_with_nci"]
        spare = round(revenue * share(0.3, 0.4))
        balance["other_liabilities"] = max(spare, assets + spare - claims)
        balance["deposits"] = balance["policy_benefits"] = balance["other_liabilities"] // 2
        balance["total_liabilities"] = balance["current_liabilities"] + balance["long_term_debt"] + balance["other_liabilities"]
        balance["liabilities_and_equity"] = balance["total_liabilities"] + balance["equity_with_nci"]
        balance["total_assets"] = balance["liabilities_and_equity"]
        balance["other_assets"] = balance["total_assets"] - assets
        balance["shares_outstanding"] = self.shares
        balance["shares_issued"] = self.shares * 6 // 5
        balance["shares_authorized"] = 10_000_000_000
        return balance
