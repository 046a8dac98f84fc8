"""Which concepts are one line to a company, told by what it states by both."""

from __future__ import annotations

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from loader.standardize.lines import ConceptAmounts
from loader.standardize.periods import PLACES_OF_A_YEAR

# Company, its fiscal year, a place of the year, concept. Few of each, so that they meet; the years between are without facts.
FACTS = st.dictionaries(
    st.tuples(st.integers(1, 3), st.sampled_from([0, 2]), st.integers(9, 10), st.integers(0, 3)),
    st.sampled_from([0.0, 100.0, 101.0, 102.0, -100.0]),
    min_size=1,
    max_size=16,
)
PAIRS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 3)), max_size=6)


@given(FACTS, PAIRS)
@example({(1, 0, 9, 0): 100.0, (1, 0, 9, 1): 101.0, (1, 0, 10, 0): 100.0, (1, 0, 10, 1): 102.0}, [(1, 0, 1), (1, 1, 0)])
@example({(1, 0, 9, 0): 100.0, (1, 0, 9, 1): 101.0, (2, 0, 9, 0): 100.0}, [(1, 0, 1), (1, 0, 1), (2, 0, 1), (3, 0, 1)])
@example({(1, 0, 9, 0): 100.0, (1, 0, 9, 1): 100.0, (1, 0, 9, 2): 0.0}, [(1, 0, 1), (1, 0, 2), (1, 2, 0)])
def test_two_concepts_are_one_line_where_they_agree_in_every_place_that_has_both(
    facts: dict[tuple[int, int, int, int], float], pairs: list[tuple[int, int, int]]
) -> None:
    amounts = ConceptAmounts(
        pl.DataFrame(
            [
                (cik, (3 * cik + year) * PLACES_OF_A_YEAR + within, concept, value)
                for (cik, year, within, concept), value in facts.items()
            ],
            schema={"cik": pl.Int64, "place": pl.Int64, "concept_id": pl.UInt16, "value": pl.Float64},
            orient="row",
        )
    )
    asked = pl.DataFrame(pairs, schema={"cik": pl.Int64, "concept_id": pl.UInt16, "other_id": pl.UInt16}, orient="row")
    expected = set()
    for cik, concept, other in pairs:
        both = [
            (value, facts[company, year, within, other])
            for (company, year, within, one), value in facts.items()
            if (company, one) == (cik, concept) and (company, year, within, other) in facts
        ]
        if both:
            expected.add((cik, concept, other, all(abs(value - than) <= 0.01 * abs(value) for value, than in both)))
    found = amounts.agreement(asked).rows()
    assert sorted(found) == sorted(expected)
