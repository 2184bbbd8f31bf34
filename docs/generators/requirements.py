"""
Which test holds us to which requirement: tests begin their docstring with the numbers that they stand for.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs.generators import markdown
from docs.generators.markdown import code

TESTS = Path(__file__).resolve().parent.parent.parent / "tests"

_NUMBER = r"[A-Z0-9]{1,5}-\d+[a-z]?"
_NUMBERS = re.compile(rf"(?P<all>{_NUMBER}(?:(?:, | and | to ){_NUMBER})*)[^:]{{0,20}}: ")


def statements() -> Iterator[tuple[str, str, str]]:
    """
    Numbers, what is stated, and the file of the test.
    """
    for file in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
                continue
            said = " ".join((ast.get_docstring(node) or "").split())
            if found := _NUMBERS.match(said):
                yield found["all"], said[found.end() :], str(file.relative_to(TESTS.parent))


def text() -> str:
    """
    All of them, in their order.
    """
    rows = sorted(statements(), key=lambda row: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", row[0])][:4])
    return markdown.table(("requirement", "what a test states", "where"), ((a, b, code(c)) for a, b, c in rows))
