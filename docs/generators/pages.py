"""
Pages that are partly drawn from the code: a line ``<!-- generated: NAME -->`` becomes what NAME says today.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from docs.generators import answers, commands, configuration, errors, house, publisher, requirements

DRAWN: Mapping[str, Callable[[], str]] = {
    "commands": commands.text,
    "configuration": configuration.text,
    "delivery-errors": errors.ofNetworks,
    "errors": errors.ofRequests,
    "house": house.layers,
    "imports": house.table,
    "line-counts": house.lineCounts,
    "publisher-requirements": publisher.text,
    "requirements": requirements.text,
    **{f"answers-{kind}": partial(answers.text, kind) for kind in answers.networks()},
}

_LINE = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.M)


def drawn(page: str) -> str:
    """
    A page with everything in its place.

    :raises KeyError: it asks for what nobody draws.
    """
    return _LINE.sub(lambda line: DRAWN[line[1]](), page)


def setup(app: Any) -> dict[str, bool]:
    """
    What Sphinx asks extensions for.
    """
    # Pages change with the code, not with their file: they are read anew each time.
    app.connect("env-get-outdated", lambda app, env, added, changed, removed: _generated(env))
    app.connect("source-read", _onRead)
    return {"parallel_read_safe": True}


def _onRead(app: Any, name: str, content: list[str]) -> None:
    content[0] = drawn(content[0])


def _generated(env: Any) -> list[str]:
    return [name for name in env.found_docs if _LINE.search(Path(env.doc2path(name)).read_text("utf-8"))]
