"""What follows from the known items of one period by the identities of accounting, and by what averages and ratios mean."""

from __future__ import annotations

from typing import Final

from loader.demo.known import Known, Period
from loader.demo.statements import Value

Items = dict[str, Value | None]

#: An item, the items that it is the sum of (with a minus sign: less them), and the templates for which that holds (none: all).
_IDENTITIES: Final[tuple[tuple[str, str, str], ...]] = (
    ("net_interest_income", "interest_income -interest_expense", "bank"),
    ("revenue", "gross_profit cost_of_revenue", "industrial services"),
    ("revenue", "net_interest_income noninterest_income", "bank"),
    ("revenue", "premiums_earned investment_income", "insurer"),
    ("cost_of_revenue", "revenue -gross_profit", "industrial services"),
    ("gross_profit", "revenue -cost_of_revenue", "industrial"),
    ("operating_income", "gross_profit -operating_expenses", "industrial"),
    ("operating_income", "revenue -costs_and_expenses", "services reit utility"),
    ("profit_loss", "net_income nci_income", ""),
    ("net_income", "profit_loss -nci_income", ""),
    ("pretax_income", "profit_loss income_tax", ""),
    ("income_tax", "pretax_income -profit_loss", ""),
    ("net_income_common", "net_income -preferred_dividends", ""),
    ("net_change_in_cash", "operating_cash_flow investing_cash_flow financing_cash_flow exchange_rate_effect", ""),
    ("free_cash_flow", "operating_cash_flow -capital_expenditures", ""),
)
#: An item that is another one when the company states none of what comes between them in the fiscal year.
_SAME_UNLESS: Final = (
    ("profit_loss", "net_income", ("nci_income", "noncontrolling_interest", "profit_loss")),
    ("net_income_common", "net_income", ("preferred_dividends",)),
)
#: How far the fourth quarter's average shares may be from the third's, as a ratio.
_PLAUSIBLE: Final = (0.5, 2.0)


def complete(known: Known, period: Period) -> Items:
    """All flows of a period, by line and item."""
    profile = known.profile
    named = dict.fromkeys((*profile.income_items, *profile.cash_items))
    items: Items = {item: known.flow(item, period) for item in named}
    # what follows can be what something else follows from
    for _ in range(3):
        for item, terms, templates in _IDENTITIES:
            if items.get(item) is None and (not templates or profile.template in templates.split()):
                items[item] = _sum(items, terms.split())
        for item, same, unless in _SAME_UNLESS:
            if items.get(item) is None and not any(known.states(other, period.place) for other in unless):
                items[item] = items.get(same)
    items["net_income_incl_nci"] = items.get("profit_loss")
    if profile.template == "bank":
        items["operating_expenses"] = items.get("noninterest_expense")
    if period.kind == "Q4":
        _complete_per_share(known, period, items)
    return items


def _sum(items: Items, terms: list[str]) -> Value | None:
    total: Value = 0
    for term in terms:
        amount = items.get(term.removeprefix("-"))
        if amount is None:
            return None
        total += -amount if term.startswith("-") else amount
    return total


def _complete_per_share(known: Known, period: Period, items: Items) -> None:
    """The fourth quarter's average shares by days, and its earnings per share."""
    income = items.get("net_income_common")
    derived = [name for name in ("shares_basic", "shares_diluted") if items.get(name) is None]
    for name in derived:
        items[name] = _fourth_quarter_shares(known, period.place, name)
    if "shares_diluted" in derived and items["shares_diluted"] is not None and income is not None and income < 0:
        # what loses money is not diluted
        items["shares_diluted"] = items["shares_basic"]
    for kind in ("basic", "diluted"):
        shares = items[f"shares_{kind}"]
        if items.get(f"eps_{kind}") is None and income is not None and shares:
            items[f"eps_{kind}"] = income / shares


def _fourth_quarter_shares(known: Known, place: int, name: str) -> float | None:
    year, nine_months, *quarters = (Period(place, kind) for kind in ("FY", "9M", "Q1", "Q2", "Q3"))
    whole, third = known.flow(name, year), known.flow(name, quarters[-1])
    if whole is None or third is None:
        return third if whole is not None else None
    parts = [nine_months] if known.flow(name, nine_months) is not None else quarters
    averages = [known.flow(name, part) for part in parts]
    if any(average is None for average in averages):
        return third
    rest: float = whole * known.days(year)
    for average, part in zip(averages, parts, strict=True):
        rest -= (average or 0) * known.days(part)
    fourth = rest / known.days(Period(place, "Q4"))
    return fourth if _PLAUSIBLE[0] <= fourth / third <= _PLAUSIBLE[1] else third
