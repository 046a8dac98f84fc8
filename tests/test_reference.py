"""The reference tables say the same to whoever reads them with Polars and without."""

from __future__ import annotations

import polars as pl

from loader.reference import concepts, plain
from loader.reference.concepts import core_lines, lines


def test_a_concept_has_the_number_that_its_facts_are_looked_up_by() -> None:
    """Readers number facts before Polars is imported, and the standardiser looks their concepts up in its own table."""
    names = concepts.concepts().select("concept", "concept_id").iter_rows()
    assert {f"{taxonomy}:{name}": number for (taxonomy, name), number in plain.concept_numbers().items()} == dict(names)


def test_the_core_lines_in_the_database_are_those_of_the_standardiser() -> None:
    cells = core_lines().explode("templates").join(lines(), on="line").select("templates", "statement", "line")
    assert plain.core_lines_by_template() == set(cells.cast(pl.String).iter_rows())


def test_auxiliary_lines_are_those_that_are_no_columns() -> None:
    of_balance = lines().filter((pl.col("statement") == "balance") & ~pl.col("column")).get_column("line")
    assert plain.auxiliary_lines("balance") == sorted(of_balance.cast(pl.String))
