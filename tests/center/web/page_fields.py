"""The fields that a page reads from its form and address, found in the page's code, for tests that try every page."""

import ast
import inspect
import re
from functools import cache

from center.web.gate import Page


def _source(page: Page) -> str:
    module = inspect.getmodule(page.handler)
    assert module is not None
    return inspect.getsource(module)


@cache
def fields_of(page: Page) -> set[str]:
    """The form's fields and the words of an address that the page's module reads."""
    return set(re.findall(r'(?:word|number|form\.get|query_params\.get)\("(\w+)"', _source(page)))


@cache
def words_of(page: Page) -> list[str]:
    """Every single word in the page's module; the values from which its fields choose are among them."""
    constants = (one.value for one in ast.walk(ast.parse(_source(page))) if isinstance(one, ast.Constant))
    return sorted({one for one in constants if isinstance(one, str) and re.fullmatch("[a-z_]{2,20}", one)}) or ["look"]
