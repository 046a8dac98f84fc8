"""What each synthetic company is like: its calendar, its kind of business, what it reports and what happens to it.

Everything follows from the company's place in the corpus and the seed. The first companies cover every calendar, so that small
corpora do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from typing import Final

from loader.demo import concepts
from loader.demo.calendars import PREHISTORY, STYLES, Calendar, Style, build_calendar
from loader.demo.concepts import Template
from loader.demo.events import Course, Events, is_new_listing, plan_events
from loader.demo.members import Member

#: Styles of the first companies, in the order of the corpus; AAPL, MSFT and NVDA keep to their namesakes' habits.
_FIRST_STYLES: Final = (
    "last Saturday of September",
    "June",
    "calendar year",
    "calendar year",
    "last Sunday of January, named for its end",
    "Saturday nearest 31 December",
    "Sunday nearest 31 January, named for its start",
    "December, later June",
    "Sunday nearest 31 August, 12-12-12-16 weeks",
    "May",
    "last Saturday of December, 12-12-12-16 weeks",
    "Saturday nearest 31 January, 16-12-12-12 weeks",
    "June, later December",
    "calendar year",
    "calendar year",
    "December, later September",
    "calendar year",
    "calendar year",
    "November, later December",
    "calendar year",
    "calendar year",
    "calendar year",
    "calendar year",
    "calendar year",
    "September, later December",
)
#: Days on which the files were "downloaded"; so some companies' last fiscal year is complete and others' in progress.
_CUTOFFS: Final = (date(2025, 4, 15), date(2025, 7, 20), date(2025, 12, 31), date(2025, 12, 31))
#: Days from the start of a fiscal year to the filing of its first 10-Q, at most (after 16 weeks).
_FIRST_FILING_DAYS: Final = 16 * 7 + 40
#: Days from the end of a fiscal year to the filing of its 10-K, at most.
_ANNUAL_FILING_DAYS: Final = 58
#: A changed year end takes a year before it, the transition period and a year after it.
_LEAST_WITH_CHANGE: Final = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """One company's constitution.

    Attributes:
        member: who it is.
        template: its kind of business.
        calendar: its quarters and fiscal years; the first PREHISTORY of them lie before its first filing.
        cutoff: the day on which its file was "downloaded": nothing is filed after it.
        first_quarter: which quarter of its first fiscal year (0 to 2) its first filing is for.
        currency: in which it reports.
        unit: to which its amounts are rounded: 1,000 or 1,000,000.
        income_items: what its income statement states.
        balance_items: what its balance sheet states.
        cash_items: what its cash-flow statement states.
        concepts: per item the concepts with the fiscal year (by place in the calendar) from which each is used.
        restated_year: the fiscal year (by place) that a 10-K/A restates, if any.
        restates_costs_only: the restatement grosses up revenue and cost, and leaves income alone.
        states_fourth_quarter: its older 10-Ks hold selected quarterly data, the fourth quarter with them.
        equity_history: its 10-Ks state equity for the two year ends before the balance sheets too.
        proxy: it files proxy statements with rounded net incomes: 1 in dollars, 1000 when they are a thousandth, 0 for none.
        dual_class: it has two share classes, hence no undimensioned share counts on the balance sheet.
        style: how it sets its fiscal year.
        events: what else happens to it.
    """

    member: Member
    template: Template
    calendar: Calendar
    cutoff: date
    first_quarter: int
    currency: str
    unit: int
    income_items: tuple[str, ...]
    balance_items: tuple[str, ...]
    cash_items: tuple[str, ...]
    concepts: dict[str, tuple[tuple[int, str], ...]]
    restated_year: int | None
    restates_costs_only: bool
    states_fourth_quarter: bool
    equity_history: bool
    proxy: int
    dual_class: bool
    style: Style
    events: Events

    def concept(self, item: str, year: int) -> str:
        """The concept that states an item in the filings of a fiscal year."""
        chosen = ""
        for since, name in self.concepts[item]:
            if year >= since:
                chosen = name
        return chosen


def random_source(*key: object) -> random.Random:
    """Repeatable random numbers for a purpose; the same on every platform and in every process."""
    return random.Random(":".join(map(str, key)))  # noqa: S311  figures of fictitious companies, not secrets


def _template(member: Member, rng: random.Random) -> Template:
    if member.sector == "Financials":
        return "insurer" if member.insurer or rng.random() < 0.2 else "bank"
    if member.sector == "Real Estate":
        return "reit"
    if member.sector == "Utilities":
        return "utility"
    if member.index > 4 and rng.random() < 0.15:
        return "services"
    return "industrial"


def _income_items(template: Template, features: frozenset[str]) -> tuple[str, ...]:
    items = list(concepts.INCOME_ITEMS[template]) + list(concepts.COMMON_INCOME_ITEMS)
    if template == "industrial":
        optional = ["gross_profit", "research_and_development", "selling_general_admin", "interest_expense"]
    elif template == "services":
        optional = ["selling_general_admin", "interest_expense"]
    elif template in ("reit", "utility"):
        optional = ["interest_expense"]
    else:
        optional = []
    items += [item for item in optional if item in features]
    if template == "insurer":
        items.append("interest_expense")
    if "nci" in features:
        items += ["profit_loss", "nci_income"]
    if "preferred" in features:
        items.append("preferred_dividends")
    if "common" in features:
        items.append("net_income_common")
    if "dividends" in features:
        items.append("dividends_per_share")
    if "captive finance" in features:
        items += concepts.CAPTIVE_FINANCE_ITEMS
    return tuple(items)


def _balance_items(template: Template, features: frozenset[str], dual_class: bool) -> tuple[str, ...]:
    items = list(concepts.BALANCE_ITEMS)
    if template in concepts.UNCLASSIFIED:
        items.append("deposits" if template == "bank" else "other_liabilities")
        if template == "insurer":
            items.append("policy_benefits")
    else:
        items += concepts.CLASSIFIED_ITEMS
        items += [item for item in ("short_term_investments", "inventory") if item in features]
    items += [item for item in ("goodwill", "intangible_assets") if item in features]
    items += {"split": ["short_term_debt", "long_term_debt"], "whole": ["total_debt"], "long only": ["long_term_debt"]}.get(
        next((feature for feature in ("split", "whole", "long only") if feature in features), ""), []
    )
    if "nci" in features:
        items += ["equity_with_nci", "noncontrolling_interest"]
    if "restricted" in features:
        items.append("cash_and_restricted")
    if not dual_class:
        items += ["shares_outstanding", "shares_issued"]
    return tuple(items)


def _cash_items(template: Template, features: frozenset[str]) -> tuple[str, ...]:
    items = list(concepts.CASH_ITEMS)
    if template not in ("bank", "reit") or "capex" in features:
        items.append("capital_expenditures")
    if "dividends" in features:
        items.append("dividends_paid")
    items += [item for item in ("share_repurchases", "exchange_rate_effect") if item in features]
    return tuple(items)


#: How often a company has a feature.
_FEATURES: Final = {
    "gross_profit": 0.75,
    "research_and_development": 0.6,
    "selling_general_admin": 0.85,
    "interest_expense": 0.7,
    "nci": 0.3,
    "preferred": 0.1,
    "common": 0.2,
    "dividends": 0.7,
    "short_term_investments": 0.5,
    "inventory": 0.7,
    "goodwill": 0.85,
    "intangible_assets": 0.75,
    "restricted": 0.25,
    "capex": 0.4,
    "share_repurchases": 0.75,
    "exchange_rate_effect": 0.6,
}


def _features(rng: random.Random) -> frozenset[str]:
    features = {name for name, share in _FEATURES.items() if rng.random() < share}
    features.add(rng.choices(("split", "whole", "long only", "none"), (70, 10, 8, 12))[0])
    return frozenset(features)


def _concepts(
    items: tuple[str, ...], template: Template, change: int | None, years: int, rng: random.Random
) -> dict[str, tuple[tuple[int, str], ...]]:
    """Concepts by item; `change` is the fiscal year from which the new ones are used (None: the last ones hold for good)."""
    chosen: dict[str, tuple[tuple[int, str], ...]] = {}
    for item in items:
        names = concepts.BY_TEMPLATE[template].get(item, ())
        if not names:
            names = (concepts.FIXED[item],) if item in concepts.FIXED else rng.choice(concepts.CHOICES[item])
        if change is None or change >= years:
            names = names[-1:]
        chosen[item] = tuple(zip((0, change or 0), names, strict=False))
    return chosen


def _last_year(style: str, cutoff: date, filed_years: int) -> int:
    """The last fiscal year, by its calendar year: at least its first quarter is filed by the cutoff; an only year is complete."""
    year_end = STYLES[style].later or STYLES[style].year_end
    if filed_years == 1:
        return max(year for year in range(2023, 2026) if (cutoff - year_end(year)).days >= _ANNUAL_FILING_DAYS)
    return max(year for year in range(2023, 2027) if (cutoff - year_end(year - 1)).days >= _FIRST_FILING_DAYS)


def build_profile(member: Member, seed: int, history: tuple[int, int]) -> Profile:
    """The constitution of one company.

    Args:
        member: who it is.
        seed: of the corpus.
        history: least and greatest number of fiscal years with filings.
    """
    rng = random_source("profile", seed, member.cik)
    index = member.index
    if index < len(_FIRST_STYLES):
        style = _FIRST_STYLES[index]
    else:
        weights = [30 if name == "calendar year" else 3 if each.later is None else 1 for name, each in STYLES.items()]
        style = rng.choices(list(STYLES), weights)[0]
    # a new listing is in its second year here, its first being the one of which it has filed nothing
    filed_years = 2 if is_new_listing(index) else rng.randint(*history)
    if STYLES[style].later is not None and filed_years < _LEAST_WITH_CHANGE:
        style = "calendar year"
    years = filed_years + PREHISTORY
    # the transition period needs fiscal years of both kinds around it
    change_at = PREHISTORY + max(1, filed_years // 2)
    cutoff = rng.choice(_CUTOFFS)
    calendar = build_calendar(style, _last_year(style, cutoff, filed_years), years, change_at)
    template = _template(member, rng)
    features = _features(rng)
    if template == "industrial" and index % 18 == 9:
        features |= {"captive finance"}
    dual_class = len(member.symbols) > 1
    income_items = _income_items(template, features)
    balance_items = _balance_items(template, features, dual_class)
    cash_items = _cash_items(template, features)
    restated = None
    if filed_years >= 5 and (index % 3 == 0 or rng.random() < 0.25) and STYLES[style].later is None:
        restated = PREHISTORY + rng.randint(1, filed_years - 3)
    change = None
    if filed_years >= 3 and (index % 2 == 0 or rng.random() < 0.3):
        change = PREHISTORY + rng.randint(1, filed_years - 2)
    if restated is not None and change == restated + 1:
        # else the quarters before it would keep their first values under the old concept beside the restated under the new
        change += 1
    items = income_items + balance_items + cash_items
    return Profile(
        member=member,
        template=template,
        calendar=calendar,
        cutoff=cutoff,
        first_quarter=rng.choice((0, 0, 1, 2)),
        currency="CAD" if index % 97 == 41 else "USD",
        unit=rng.choice((1_000_000, 1_000_000, 1_000)),
        income_items=income_items,
        balance_items=balance_items,
        cash_items=cash_items,
        concepts=_concepts(items, template, change, years, rng),
        restated_year=restated,
        restates_costs_only=template == "industrial" and rng.random() < 0.4,
        states_fourth_quarter=rng.random() < 0.25,
        equity_history=rng.random() < 0.4,
        proxy=rng.choice((0, 1, 1, 1000)),
        dual_class=dual_class,
        style=STYLES[style],
        events=plan_events(Course(index, calendar, items, restated, change), random_source("events", seed, member.cik)),
    )
