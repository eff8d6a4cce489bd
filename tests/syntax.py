"""Where the sources of the package depend on a word: for tests that keep a table the only place that does."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import dental_sync

PACKAGE = Path(dental_sync.__file__).parent


def words_compared(source: str, words: Collection[object]) -> Iterator[tuple[int, str]]:
    """Each place where one of the words is compared, matched, or used as a key, by line."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                found = [left, *others]
            case ast.MatchValue(value=value):
                found = [value]
            case ast.Subscript(value=value, slice=key) if not (isinstance(value, ast.Name) and value.id == "Literal"):
                found = [key]
            case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault"), args=[key, *_]):
                found = [key]
            case ast.Dict(keys=keys):
                found = [key for key in keys if key is not None]
            case _:
                continue
        for each in found:
            for part in each.elts if isinstance(each, ast.Tuple | ast.List | ast.Set) else [each]:
                if isinstance(part, ast.Constant) and part.value in words:
                    yield node.lineno, str(part.value)


def words_listed(source: str, words: Collection[object]) -> Iterator[tuple[int, str]]:
    """Each place where one of the words stands in a tuple, list or set (a type's arguments too), by line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            for part in node.elts:
                if isinstance(part, ast.Constant) and part.value in words:
                    yield part.lineno, str(part.value)
