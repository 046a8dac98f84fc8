"""The last twelve months at the end of each quarter, from what is known of quarters, years and years to date."""

from __future__ import annotations

from typing import Final

from loader.demo.identities import Items
from loader.demo.known import DECIMALS, NOT_ADDITIVE, Known, Period

Flows = dict[Period, Items]
_TO_DATE: Final = ("Q1", "H1", "9M")


def trailing_year(known: Known, flows: Flows, place: int) -> Items:
    """At the end of a fiscal year: the year, and what its quarters add up to where the year is not known."""
    quarters = [Period(place, f"Q{number}") for number in range(1, 5)]
    return {**_added_up(known, flows, quarters), **_stated(flows[Period(place, "FY")])}


def last_four_quarters(known: Known, flows: Flows, place: int, number: int) -> Items:
    """At the end of a first to third quarter (0 to 2): four quarters, else last year plus this to date less last to date."""
    years = known.profile.calendar.years
    if place == 0 or years[place - 1].transition:
        return {}
    quarters = [Period(place - 1, f"Q{before + 2}") for before in range(number, 3)]
    quarters += [Period(place, f"Q{this + 1}") for this in range(number + 1)]
    items = _added_up(known, flows, quarters)
    year = flows[Period(place - 1, "FY")]
    now, before = (flows[Period(where, _TO_DATE[number])] for where in (place, place - 1))
    for item in year:
        terms = (year[item], now.get(item), before.get(item))
        if items.get(item) is None and item not in NOT_ADDITIVE and None not in terms:
            value = (terms[0] or 0) + (terms[1] or 0) - (terms[2] or 0)
            items[item] = round(value, DECIMALS) if item == "dividends_per_share" else value
    _add_earnings_per_share(items)
    return items


def _added_up(known: Known, flows: Flows, quarters: list[Period]) -> Items:
    items: Items = {}
    for item in flows[quarters[-1]]:
        amounts = [flows[quarter].get(item) for quarter in quarters]
        if None in amounts or item.startswith("eps_"):
            continue
        if item in NOT_ADDITIVE:
            days = [known.days(quarter) for quarter in quarters]
            weighted = sum((amount or 0) * length for amount, length in zip(amounts, days, strict=True))
            items[item] = weighted / sum(days)
        else:
            total = sum(amount or 0 for amount in amounts)
            items[item] = round(total, DECIMALS) if item == "dividends_per_share" else total
    _add_earnings_per_share(items)
    return items


def _add_earnings_per_share(items: Items) -> None:
    income = items.get("net_income_common")
    for kind in ("basic", "diluted"):
        shares = items.get(f"shares_{kind}")
        if income is not None and shares:
            items[f"eps_{kind}"] = income / shares


def _stated(items: Items) -> Items:
    return {item: value for item, value in items.items() if value is not None}
