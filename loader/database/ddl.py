"""CREATE TABLE statements as text that can be edited, so that what an application wrote there stays as it wrote it.

SQLite keeps a table's definition as the text of its CREATE TABLE, and has no statement that drops a key. To rebuild a table
without losing its checks, collations, generated columns and comments, the text is cut into its columns and constraints, and only
those that are in the way are changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from loader.database.connection import quoted

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))
      | (?P<name>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      | (?P<string>'(?:[^']|'')*')
      | (?P<word>[\w$]+)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_CONSTRAINT_STARTS = {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}
_AFTER_TYPE = {"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS"}


class Token(NamedTuple):
    """A piece of SQL; `depth` counts the parentheses around it."""

    kind: str
    text: str
    depth: int

    @property
    def keyword(self) -> str:
        """Upper-case word at the outermost level, or nothing: a quoted word is never a keyword."""
        return self.text.upper() if self.kind == "word" and self.depth == 0 else ""

    @property
    def identifier(self) -> str:
        """The name that the token spells, in lower case, since SQLite's names ignore case."""
        if self.kind == "word":
            return self.text.lower()
        closing = {'"': '"', "`": "`", "[": "]", "'": "'"}[self.text[0]]
        return self.text[1:-1].replace(closing * 2, closing).lower()


def tokens(sql: str) -> list[Token]:
    """Cut SQL into tokens; their texts joined are the SQL again."""
    result = []
    depth = 0
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "sign"
        text = match.group()
        if text == ")" and kind == "sign":
            depth -= 1
        result.append(Token(kind, text, depth))
        if text == "(" and kind == "sign":
            depth += 1
    return result


@dataclass(frozen=True)
class Part:
    """A column or a constraint: one of the comma-separated parts of a table's definition."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """The part as it stands in the statement."""
        return "".join(token.text for token in self.tokens)

    @property
    def _solid(self) -> list[int]:
        return [index for index, token in enumerate(self.tokens) if token.kind != "space"]

    @property
    def column(self) -> str | None:
        """The column's name in lower case, or None for a table constraint."""
        first = self.tokens[self._solid[0]]
        return None if first.keyword in _CONSTRAINT_STARTS else first.identifier

    def declared_keys(self) -> list[tuple[str, tuple[int, int]]]:
        """Where a key is declared for this column, or by this constraint: ('UNIQUE' or 'PRIMARY', tokens from and to)."""
        found = []
        solid = self._solid
        words = [self.tokens[index].keyword for index in solid] + [""] * 4
        start: int | None = None
        position = 0
        while position < len(solid):
            word = words[position]
            if word == "CONSTRAINT":
                start = position
                position += 2
                continue
            if word not in {"UNIQUE", "PRIMARY"}:
                start = None
                position += 1
                continue
            begin = position if start is None else start
            position += 2 if word == "PRIMARY" else 1
            if words[position] in {"ASC", "DESC"}:
                position += 1
            if words[position] == "ON":
                position += 3  # ON CONFLICT and what to do then
            if words[position] == "AUTOINCREMENT":
                position += 1
            found.append((word, (solid[begin], solid[position - 1] + 1)))
            start = None
        return found

    def key_columns(self) -> tuple[str, ...]:
        """The columns of a table constraint UNIQUE (...) or PRIMARY KEY (...), or the column itself."""
        if self.column is not None:
            return (self.column,)
        names = []
        fresh = False
        for token in self.tokens:
            if (token.depth, token.text) in {(0, "("), (1, ",")}:
                fresh = True
            elif token.depth == 0 and token.text == ")":
                break
            elif fresh and token.kind != "space":
                names.append(token.identifier if token.kind in {"word", "name", "string"} else "")
                fresh = False
        return tuple(names)

    def without(self, start: int, end: int) -> Part:
        """The part less some of its tokens."""
        return Part(self.tokens[:start] + self.tokens[end:])

    def without_not_null(self) -> Part:
        """The column with NULL allowed."""
        solid = self._solid
        for position in range(len(solid) - 1):
            here, following = (self.tokens[index] for index in solid[position : position + 2])
            if here.keyword == "NOT" and following.keyword == "NULL":
                named = position >= 2 and self.tokens[solid[position - 2]].keyword == "CONSTRAINT"
                end = position + 2
                if end < len(solid) and self.tokens[solid[end]].keyword == "ON":
                    end += 3
                return self.without(solid[position - 2 if named else position], solid[end - 1] + 1)
        return self

    def with_type(self, declared: str) -> Part:
        """The column with another type."""
        solid = self._solid
        end = next((index for index in solid[1:] if self.tokens[index].keyword in _AFTER_TYPE), None)
        first = solid[0] + 1
        rest = self.tokens[end:] if end is not None else tuple(token for token in self.tokens[first:] if token.kind == "space")
        gap = (Token("space", " ", 0),) if end is not None else ()
        return Part((*self.tokens[:first], Token("space", " ", 0), Token("word", declared, 0), *gap, *rest))


@dataclass(frozen=True)
class TableText:
    """A CREATE TABLE statement in parts."""

    parts: tuple[Part, ...]
    options: frozenset[str]

    @property
    def without_rowid(self) -> bool:
        """Whether the rows have no number of their own."""
        return "WITHOUT" in self.options

    @property
    def strict(self) -> bool:
        """Whether values must have their column's type."""
        return "STRICT" in self.options

    def as_rowid_table(self, name: str) -> str:
        """The statement for an ordinary table of that name with these parts."""
        # A line of its own for each part: the one before may end in a comment.
        body = ",\n".join(part.text.strip("\n") + ("\n" if "--" in part.text else "") for part in self.parts)
        return f"CREATE TABLE {quoted(name)} (\n{body}\n){' STRICT' if self.strict else ''}"


def parse_table(sql: str) -> TableText | None:
    """A CREATE TABLE statement as SQLite keeps it, in parts; None for what is not one (a virtual table)."""
    stream = tokens(sql)
    if [token.keyword for token in stream if token.kind != "space"][:2] != ["CREATE", "TABLE"]:
        return None
    start = next((index for index, token in enumerate(stream) if token.text == "(" and token.depth == 0), None)
    if start is None:
        return None
    parts: list[Part] = []
    part: list[Token] = []
    for index, token in enumerate(stream[start + 1 :], start + 1):
        if token.depth == 0 or (token.depth == 1 and token.text == "," and token.kind == "sign"):
            parts.append(Part(tuple(part)))
            part = []
            if token.depth == 0:
                options = frozenset(rest.keyword for rest in stream[index + 1 :] if rest.keyword)
                return TableText(tuple(parts), options)
        else:
            part.append(Token(token.kind, token.text, token.depth - 1))
    return None


def part_of(sql: str) -> Part:
    """One column or constraint from its text."""
    return Part(tuple(tokens(sql)))
