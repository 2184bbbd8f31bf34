"""
What can be typed, out of the commands themselves.
"""

from collections.abc import Iterator
from typing import Any

import click

from docs.generators import markdown
from docs.generators.docstrings import opening
from docs.generators.markdown import code
from pushsvc.cli import main
from pushsvc.tap import Options


def text() -> str:
    """
    A section for each command.
    """
    return "\n".join([*_ofClick("pushsvc", main), _ofTwistd()])


def _ofClick(name: str, command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        if command is not main:
            yield f"## {code(name)}\n\n{opening(command.callback)}\n"
        for word in sorted(command.commands):
            yield from _ofClick(f"{name} {word}", command.commands[word])
        return
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    taken = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    rows = [(code(record[0]), record[1]) for each in taken if (record := each.get_help_record(context)) is not None]
    options = markdown.table(("option", ""), rows)
    yield f"## {code(name)}\n\n    {usage}\n\n{opening(command.callback)}\n\n{options}"


def _ofTwistd() -> str:
    parameters: list[Any] = Options.optParameters
    rows = [(code(f"-{short}, --{long}"), f"{said} [default: {default}]") for long, short, default, said in parameters]
    options = markdown.table(("option", ""), rows)
    usage = f"twistd [twistd's own] pushsvc {Options.synopsis}"
    return f"## `twistd pushsvc`\n\n    {usage}\n\n{Options.longdesc}\n\n{options}"
