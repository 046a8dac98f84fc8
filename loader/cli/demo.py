"""`loader demo`: builds the synthetic corpus and does the whole job on it."""

from __future__ import annotations

import time
from pathlib import Path

from loader.cli import jobs
from loader.cli.options import DEFAULT_DB
from loader.cli.output import remark
from loader.config import ExtractionConfig
from loader.database import Content, claim_content, content_held, ensure_schema, import_stocks_csv
from loader.demo import build_corpus
from loader.errors import SchemaError, UsageError
from loader.pipeline import ExtractRequest
from loader.standardize import RULES_VERSION


def run(db: Path, companies: int, directory: Path, *, as_json: bool) -> int:
    """Build, load, validate, report; the exit code."""
    _refuse_real_content(db)
    started = time.monotonic()
    remark(f"building {companies:,} synthetic companies in {directory} …")
    corpus = build_corpus(directory, companies=companies)
    remark(f"built {corpus.bytes / 1024**2:,.1f} MiB of synthetic companyfacts in {time.monotonic() - started:.1f} s")
    ensure_schema(db)
    # Said before anything is written, so that a demo that was stopped here can be started again.
    content = Content("latest", "", synthetic=True)
    claim_content(db, content, rules_version=RULES_VERSION, source=str(corpus.companyfacts), source_date=None)
    import_stocks_csv(db, corpus.stocks_csv)
    request = ExtractRequest(db=db, source=str(corpus.companyfacts), tickers=corpus.tickers, synthetic=True)
    return jobs.load(request, ExtractionConfig(), validate=True, as_json=as_json)


def _refuse_real_content(db: Path) -> None:
    """The demo writes into a new database or one that it made itself."""
    if db.resolve() == DEFAULT_DB.resolve():
        raise UsageError(f"{db} is for real companies; give the demo another --db, such as data/demo.db")
    if not db.exists() or not db.is_file() or db.stat().st_size == 0:
        return
    try:
        held = content_held(db)
    except SchemaError:
        held = None  # an application's database
    if held is None or not held.synthetic:
        raise UsageError(f"{db} was not made by the demo; give another --db, such as data/demo.db")
