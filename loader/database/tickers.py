"""The SEC's ticker file: which CIK files under which symbol."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from loader.errors import InputError

#: A CIK has at most ten digits; the file has it as a number or, where it was written anew, as text.
_CIK: Final = re.compile(r"0*([1-9][0-9]{0,9})", re.ASCII)
_WHAT_TO_DO: Final = "give the SEC's company_tickers_exchange.json"


@dataclass(frozen=True, slots=True)
class Ticker:
    """A row of the ticker file."""

    cik: int
    symbol: str
    company_name: str
    exchange: str | None


def read_tickers(path: Path) -> list[Ticker]:
    """Read the ticker file, in its own order.

    Raises:
        InputError: it is not there, or is not a ticker file: what is wrong, and in which row.
    """
    try:
        document = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: the ticker file cannot be read ({error.strerror}); {_WHAT_TO_DO}") from error
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}: the ticker file is not JSON ({error}); {_WHAT_TO_DO}") from error
    if (
        not isinstance(document, dict)
        or not isinstance(document.get("fields"), list)
        or not isinstance(document.get("data"), list)
    ):
        raise InputError(f"{path}: not a ticker file, which has the lists 'fields' and 'data'; {_WHAT_TO_DO}")
    fields = document["fields"]
    missing = [name for name in ("cik", "name", "ticker") if name not in fields]
    if missing:
        raise InputError(f"{path}: the ticker file has no field {missing[0]!r} among its fields; {_WHAT_TO_DO}")
    if not document["data"]:
        raise InputError(f"{path}: the ticker file has no rows; {_WHAT_TO_DO}")
    return [_ticker(path, number, fields, row) for number, row in enumerate(document["data"])]


def _ticker(path: Path, number: int, fields: list[str], row: Any) -> Ticker:
    place = f"{path}: data[{number}]"
    if not isinstance(row, list) or len(row) != len(fields):
        raise InputError(f"{place} is not a list of {len(fields)} values; {_WHAT_TO_DO}")
    values = dict(zip(fields, row, strict=True))
    cik, symbol, name, exchange = values["cik"], values["ticker"], values["name"], values.get("exchange")
    digits = _CIK.fullmatch(str(cik)) if isinstance(cik, int | str) and not isinstance(cik, bool) else None
    if digits is None:
        raise InputError(f"{place} has the cik {cik!r}, which is not a CIK; {_WHAT_TO_DO}")
    if not isinstance(symbol, str) or not symbol.strip():
        raise InputError(f"{place} has the ticker {symbol!r}, which is not a symbol; {_WHAT_TO_DO}")
    if not isinstance(name, str) or not isinstance(exchange, str | None):
        raise InputError(f"{place} has a name or an exchange that is not text; {_WHAT_TO_DO}")
    return Ticker(int(digits.group(1)), symbol.strip(), name, exchange)
