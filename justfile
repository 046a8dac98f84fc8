# Recipes for people; everything they do can be done with `loader` and `python` directly.
# They work in any environment in which `pip install -e '.[dev]'` was done.

set positional-arguments

# What validate and report look at: $LOADER_DB, else the real database where there is one, else the demo's.
db := env("LOADER_DB", if path_exists("data/edgar.db") == "true" { "data/edgar.db" } else { "data/demo.db" })

# List the recipes.
default:
    @just --list

# Load the EDGAR data in data/ (or in $LOADER_SOURCE); without any, say so and load the synthetic demo.
load *options:
    #!/usr/bin/env bash
    set -euo pipefail
    if [ -n "${LOADER_SOURCE:-}" ] || [ -e data/companyfacts ] || [ -e data/companyfacts.zip ] || [ -e "${LOADER_DB:-data/edgar.db}" ] || [ $# -gt 0 ]; then
        exec loader load "$@"
    fi
    echo "There is no EDGAR data here: no data/companyfacts.zip and no data/companyfacts/. The README says how to get it." >&2
    echo "What follows is the demo: invented companies, no real figures, in data/demo.db." >&2
    exec loader demo

# Build the synthetic corpus and load it into data/demo.db.
demo *options:
    loader demo "$@"

# Load without validating: `just extract --symbols AAPL`.
extract *options:
    loader extract "$@"

# Run the validation queries.
validate *options:
    loader validate --db "{{db}}" "$@"

# The completion report of the last run.
report *options:
    loader report --db "{{db}}" "$@"

# Run the tests, in two processes.
test *options:
    python -m pytest --numprocesses 2 "$@"

# Lint, format and type checks; nothing is changed.
lint:
    ruff check .
    ruff format --check .
    mypy

# Mend what the linter and the formatter can mend.
fix:
    ruff check --fix .
    ruff format .

# Score the loader on real data (../shared/data or $LOADER_SHARED_DATA): minutes; `just accuracy --skip-as-of` is quicker.
accuracy *options:
    python -m tests.accuracy "$@"

# How fast it is, against orjson.loads of the same files; a quarter of an hour, or less: `just bench --companies 100`.
bench *options:
    python -m bench "$@"

# What standardising costs a company, at batches of 50 and 500, and where the time goes.
bench-standardize *options:
    python -m bench.standardize "$@"

# Kill runs at every phase, resume them, and compare: `just soak --kills 100`. Takes some minutes.
soak *options:
    python -m tests.soak "$@"

# Run the notebooks against the demo, or against $LOADER_DB.
notebooks:
    python -m pytest tests/test_notebooks.py
