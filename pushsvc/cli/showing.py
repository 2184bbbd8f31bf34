"""
Registrations, and what is enabled, for an operator's eyes: on lines of their own, without what would let anybody push
to the device.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from pushsvc.enablement import Account, Enablement
from pushsvc.meanings import meaningOf
from pushsvc.model import Registration, Remembered

# Of a token, at most so many characters are shown, and never more than a quarter.
SHOWN = 8
# Of the key of an enablement: enough to tell apart what one account has enabled.
NAMED = 12


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


def nameOf(enablement: Enablement) -> str:
    """
    What it is called on the command line. The node may be a token.
    """
    return enablement.key.rpartition("-")[2][:NAMED]


def enablementRow(enablement: Enablement) -> str:
    """
    One line of a list.
    """
    columns = (
        nameOf(enablement),
        enablement.account,
        enablement.service,
        _time(enablement.enabled),
        _standing(enablement),
    )
    return "  ".join(line(column) for column in columns)


def account(account: Account) -> Iterator[tuple[str, str]]:
    """
    Names and values: what holds for all that an account has enabled.
    """
    pending, chosen = account.pending, account.options
    yield "messages", str(pending.messages)
    yield "requests", str(pending.subscriptions)
    yield "hibernating", str(len(pending.sessions))
    said = {
        "senders": chosen.senders,
        "bodies": chosen.bodies,
        "message count": chosen.messageCount,
        "subscription count": chosen.subscriptionCount,
    }
    chose = [f"{'' if value else 'no '}{name}" for name, value in said.items() if value is not None]
    yield "chosen", ", ".join(chose) or "as the server has it"


def enablement(enablement: Enablement) -> Iterator[tuple[str, str]]:
    """
    Names and values.
    """
    yield "name", nameOf(enablement)
    yield "service", line(enablement.service)
    yield "node", shortened(enablement.node) if enablement.node else "none"
    if enablement.options:
        yield "options", line(", ".join(sorted(enablement.options)))
    if enablement.extras:
        yield "wishes", line(", ".join(sorted(enablement.extras)))
    if enablement.session is not None:
        yield "resource", line(enablement.session)
    yield "enabled", _time(enablement.enabled)
    yield "used", f"about {_time(enablement.used)}"
    yield "standing", _standing(enablement)


def _standing(enablement: Enablement) -> str:
    if enablement.suspended is not None:
        return f"on probation since {_time(enablement.suspended)}"
    if enablement.failures:
        return f"refused {enablement.failures} times in a row" if enablement.failures > 1 else "refused once"
    return "well"


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
