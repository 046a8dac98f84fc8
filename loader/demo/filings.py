"""Which filings a company made, when, and which spans and days each of them states.

10-Q: the quarter and the year to date with those of the year before; the balance sheet with that of the last year end. 10-K:
three years of flows and two balance sheets. Everything in a filing carries the fy and fp of the filing, comparatives included.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loader.demo.calendars import PREHISTORY, FiscalYear
from loader.demo.profiles import Profile, random_source

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing. Spans are pairs of quarters, days are quarters at whose end they lie; both by index in the company's calendar.

    Attributes:
        accession: '0009000001-24-000012'.
        form: '10-K' and so on.
        fy: the fiscal year that the filing is for; None in proxy statements.
        fp: 'Q1' to 'Q3' or 'FY'; None in proxy statements.
        filed: the day of filing.
        year: place of its fiscal year in the company's calendar.
        end: the quarter at whose end its period ends.
        income: spans of the income statement.
        cash: spans of the cash-flow statement.
        selected: quarters of the selected quarterly data in a 10-K.
        balance: days of the balance sheet.
        cash_days: days for which the cash-flow statement states cash alone.
        equity_days: days for which the statement of equity states equity alone.
        first: whether a restated year still stands as first filed.
        periodic: whether it is a periodic report, whose values count.
    """

    accession: str
    form: str
    fy: int | None
    fp: str | None
    filed: date
    year: int
    end: int
    income: tuple[Span, ...] = ()
    cash: tuple[Span, ...] = ()
    selected: tuple[Span, ...] = ()
    balance: tuple[int, ...] = ()
    cash_days: tuple[int, ...] = ()
    equity_days: tuple[int, ...] = ()
    first: bool = False
    periodic: bool = True

    @property
    def annual(self) -> bool:
        """Whether it is an annual report, or one for a transition period."""
        return self.form.startswith("10-K")


#: Days of a quarter, at least.
_LEAST_QUARTER: Final = 70


class _Schedule:
    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.calendar = profile.calendar
        self.rng = random_source("filings", seed, profile.member.cik)
        self.numbers: dict[int, int] = {}
        self.filings: list[Filing] = []
        self.amended_on: date | None = None
        # some filers' 10-Ks held selected quarterly data until the rule was dropped at the end of 2020
        self.selected_until = date(2021, 2, 10) if profile.states_fourth_quarter else date.min

    def accession(self, filed: date) -> str:
        number = self.numbers[filed.year] = self.numbers.get(filed.year, 0) + self.rng.randint(1, 9)
        return f"{self.profile.member.cik:010d}-{filed.year % 100:02d}-{number:06d}"

    def is_first(self, year: int) -> bool:
        return self.profile.restated_year == year and self.amended_on is None

    def quarterly(self, place: int, number: int) -> None:
        """The 10-Q for the first, second or third quarter (0 to 2) of a fiscal year or transition period; a 10-Q/A after it."""
        years = self.calendar.years
        year, before = years[place], years[place - 1]
        quarter = year.first + number
        filed = self.calendar.ends[quarter] + timedelta(days=self.rng.randint(28, 38))
        if filed > self.profile.cutoff:
            return
        own = [(quarter, quarter), (year.first, quarter)]
        ago = self._quarters_ago(before)
        spans = own + [(first - ago, last - ago) for first, last in own]
        income = tuple(dict.fromkeys(spans))
        cash = tuple(dict.fromkeys(spans[1::2]))
        if before.transition and self.profile.style.transition_form is None:
            # nothing else reports on the time between
            income, cash = (*income, (before.first, before.last)), (*cash, (before.first, before.last))
        amended = (place, number) == self.profile.events.amended_quarter
        filing = Filing(
            self.accession(filed),
            "10-QT" if year.transition and place % 2 else "10-Q",
            year.label,
            f"Q{number + 1}",
            filed,
            place,
            quarter,
            income=income,
            cash=cash,
            balance=(quarter, before.last),
            cash_days=self._cash_history(cash, (quarter, before.last)),
            first=self.is_first(place) or amended,
        )
        self.filings.append(filing)
        if amended:
            self._amend(filing)

    def _quarters_ago(self, before: FiscalYear) -> int:
        """How many quarters back a quarter's counterpart lies, given the fiscal year or transition period before its own."""
        # a transition period that is no quarter moves the year end by less than one: the nearest quarter stands for it
        return 5 if before.transition and self.calendar.days(before.first, before.first) < _LEAST_QUARTER else 4

    def transition(self, place: int) -> None:
        """The 10-QT for a transition period of one quarter."""
        year, before = self.calendar.years[place], self.calendar.years[place - 1]
        filed = self.calendar.ends[year.last] + timedelta(days=self.rng.randint(28, 38))
        if filed > self.profile.cutoff:
            return
        spans = ((year.first, year.last), (year.first - 4, year.last - 4))
        days = (year.last, before.last)
        cash_days = self._cash_history(spans, days)
        self.filings.append(
            Filing(self.accession(filed), "10-QT", year.label, "Q1", filed, place, year.last, spans, spans, (), days, cash_days)
        )

    def _cash_history(self, cash: tuple[Span, ...], balance: tuple[int, ...]) -> tuple[int, ...]:
        """Days for which a cash-flow statement states opening or closing cash, beyond those of the balance sheet."""
        if "cash_and_restricted" in self.profile.balance_items:
            # it reconciles to cash with restricted cash, which is not the balance sheet's line
            return ()
        days = {day for first, last in cash for day in (first - 1, last)}
        return tuple(sorted(days - set(balance)))

    def annual(self, place: int) -> None:
        """The 10-K of a fiscal year, or the 10-KT of a transition period; a restated year's 10-K/A after it."""
        years = self.calendar.years
        year = years[place]
        filed = self.calendar.ends[year.last] + timedelta(days=self.rng.randint(45, 58))
        if filed > self.profile.cutoff:
            return
        if place % 3 == 1:
            self._current_report(place)
        stated = years[place - 2 : place + 1]
        income = tuple((other.first, other.last) for other in reversed(stated))
        balance = (year.last, years[place - 1].last)
        selected: tuple[Span, ...] = ()
        if filed < self.selected_until and not any(other.transition for other in stated):
            selected = tuple((quarter, quarter) for quarter in range(years[place - 1].first, year.last + 1))
        form = "10-KT" if year.transition else "10-K"
        filing = Filing(
            self.accession(filed),
            form,
            year.label,
            "FY",
            filed,
            place,
            year.last,
            income=income,
            cash=income,
            selected=selected,
            balance=balance,
            cash_days=self._cash_history(income, balance),
            equity_days=self._equity_history(stated, years[place - 3]),
            first=self.is_first(place),
        )
        self.filings.append(filing)
        if filing.first:
            self._amend(filing)

    def _equity_history(self, stated: tuple[FiscalYear, ...], before: FiscalYear) -> tuple[int, ...]:
        return (before.last, stated[0].last) if self.profile.equity_history else ()

    def _amend(self, filing: Filing) -> None:
        filed = filing.filed + timedelta(days=self.rng.randint(20, 35))
        self.amended_on = filed
        self.filings.append(
            Filing(
                self.accession(filed),
                f"{filing.form}/A",
                filing.fy,
                filing.fp,
                filed,
                filing.year,
                filing.end,
                income=filing.income,
                cash=filing.cash,
                selected=filing.selected,
                balance=filing.balance,
                cash_days=filing.cash_days,
                equity_days=filing.equity_days,
            )
        )

    def _current_report(self, place: int) -> None:
        """An 8-K with a year's preliminary net income, some days before the 10-K."""
        year = self.calendar.years[place]
        filed = self.calendar.ends[year.last] + timedelta(days=self.rng.randint(20, 35))
        span = (year.first, year.last)
        self.filings.append(
            Filing(self.accession(filed), "8-K", year.label, "FY", filed, place, year.last, income=(span,), periodic=False)
        )

    def proxy_statement(self, place: int) -> None:
        """A DEF 14A after the annual report: net incomes of five years for comparison with what the managers were paid."""
        years = self.calendar.years
        filed = self.calendar.ends[years[place].last] + timedelta(days=self.rng.randint(97, 120))
        if filed <= self.profile.cutoff:
            stated = [year for year in years[max(PREHISTORY, place - 4) : place + 1] if not year.transition]
            self.filings.append(
                Filing(
                    self.accession(filed),
                    "DEF 14A",
                    None,
                    None,
                    filed,
                    place,
                    years[place].last,
                    income=tuple((year.first, year.last) for year in stated),
                    periodic=False,
                )
            )


def file_reports(profile: Profile, seed: int) -> list[Filing]:
    """All filings of a company up to its cutoff, in the order of filing."""
    schedule = _Schedule(profile, seed)
    years = profile.calendar.years
    listed_since = len(years) - 1 if profile.events.new_listing else PREHISTORY
    for place in range(listed_since, len(years)):
        year = years[place]
        quarters = min(year.last - year.first, 3)
        for number in range(profile.first_quarter if place == PREHISTORY else 0, quarters):
            schedule.quarterly(place, number)
        if profile.events.new_listing:
            continue
        if not year.transition or profile.style.transition_form == "10-KT":
            if place != profile.events.missing_annual:
                schedule.annual(place)
        elif profile.style.transition_form == "10-QT":
            schedule.transition(place)
        # statements of pay against performance began with the proxies of 2023
        if profile.proxy and profile.calendar.ends[year.last].year >= 2022:
            schedule.proxy_statement(place)
    return sorted(schedule.filings, key=lambda filing: (filing.filed, filing.accession))
