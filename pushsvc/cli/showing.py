"""
Registrations for an operator's eyes: on lines of their own, without what would let anybody push to the device.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pushsvc.meanings import meaningOf
from pushsvc.model import Registration, Remembered

# Of a token, at most so many characters are shown, and never more than a quarter.
SHOWN = 8


def row(registration: Registration) -> str:
    """
    One line of a list.
    """
    columns = (
        registration.node,
        registration.target.app,
        registration.owner,
        registration.deviceName or registration.deviceId,
        _time(registration.renewed),
    )
    return "  ".join(line(column) for column in columns)


def everything(registration: Registration) -> Iterator[tuple[str, str]]:
    """
    Names and values.
    """
    target = registration.target
    yield "node", line(registration.node)
    yield "host", line(registration.host)
    yield "owner", line(registration.owner)
    yield "device", line(registration.deviceId)
    if registration.deviceName is not None:
        yield "called", line(registration.deviceName)
    if registration.room is not None:
        yield "room", line(registration.room)
    yield "app", line(target.app)
    yield "token", shortened(target.token)
    if target.details:
        # What they are depends on the network; keys and further tokens are among them.
        yield "details", line(", ".join(f"{name}={shortened(value)}" for name, value in sorted(target.details.items())))
    yield "secrets", str(len(registration.digests))
    yield "registered", _time(registration.registered)
    yield "renewed", _time(registration.renewed)


def verdicts(remembered: Remembered | None) -> Iterator[tuple[str, str]]:
    """
    What became of pushes.
    """
    if remembered is None or (remembered.succeeded is None and remembered.failed is None):
        yield "pushes", "none yet"
        return
    yield "last success", "none" if remembered.succeeded is None else f"about {_time(remembered.succeeded)}"
    if remembered.failed is None or remembered.word is None:
        yield "last trouble", "none"
        return
    yield "last trouble", f"about {_time(remembered.failed)}: {line(remembered.word)}"
    yield "", meaningOf(line(remembered.word))


def shortened(token: str) -> str:
    """
    Enough to tell a token from another.
    """
    return f"{line(token[: min(SHOWN, len(token) // 4)])}… ({len(token)} characters)"


def line(text: str) -> str:
    """
    What clients chose, without anything that a terminal would obey.
    """
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
