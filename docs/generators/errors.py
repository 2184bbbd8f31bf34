"""
Which error means what, out of the table that answers are made from.
"""

from collections.abc import Iterator
from typing import Any

from docs.generators import markdown
from docs.generators.docstrings import sentence
from docs.generators.markdown import code
from pushsvc import errors
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.verdict import ofError
from pushsvc.model import Notification, Summary, Target, Waiting
from pushsvc.wire.errors import COMMANDS, MONGOOSEIM, NODES, PUBSUB, Row

# Anything that could be said with fewer words.
WAITING = Waiting(Target("node", "app", "token"), Notification(summary=Summary(1)), "", "app", 0.0, 0.0)


def ofRequests() -> str:
    """
    What publishes and commands are answered with.
    """
    own = tuple(row for row in COMMANDS if row not in PUBSUB)
    ofNodes = tuple(row for row in NODES if row not in PUBSUB)
    ofMongoose = tuple(row for row in MONGOOSEIM if row not in NODES)
    sections = (
        ("To publishes", PUBSUB),
        ("To owners of nodes and subscribers, besides", ofNodes),
        ("To publishes to nodes of type `mongoose`, where it differs", ofMongoose),
        ("To commands, where it differs", own),
    )
    return "\n".join(f"### {title}\n\n{_table(rows)}" for title, rows in sections)


def ofNetworks() -> str:
    """
    What providers may raise.
    """
    raised = sorted(_below(errors.DeliveryError), key=lambda cls: list(vars(errors)).index(cls.__name__))
    heads = ("error", "means", "the notification", "the device")
    return markdown.table(heads, ((code(cls.__name__), sentence(cls), *_fate(cls)) for cls in raised))


def _fate(cls: Any) -> tuple[str, str]:
    if cls is errors.DeviceGone:
        return "is dropped", "is forgotten, unless it registered again meanwhile; its server is told"
    verdict = ofError(cls(), WAITING, Backoff())
    if verdict.again is not None:
        return "is tried again with less in it", "stays"
    return ("is dropped" if verdict.retryIn is None else "waits, and is tried again"), "stays"


def _below(cls: Any) -> Iterator[Any]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)


def _table(rows: tuple[Row, ...]) -> str:
    heads = ("type", "condition", "and inside", "because", "in the code")
    return markdown.table(heads, (_row(row) for row in rows))


def _row(row: Row) -> tuple[str, ...]:
    inside = code(row.app) if row.app else "which one" if row.appNamespace else ""
    return code(row.type), code(row.condition), inside, sentence(row.reason), code(row.reason.__name__)
