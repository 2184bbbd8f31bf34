"""
Value to row and back.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from json.encoder import encode_basestring_ascii
from typing import Any, TypeVar

from sqlalchemy import Row

from pushsvc.model import Encrypted, Kind, Notification, Priority, Registration, Summary, Target, Waiting
from pushsvc.storage.rules import Held

V = TypeVar("V")

_DIGEST = 32
_JSON = json.JSONDecoder()
_compact = json.JSONEncoder(separators=(",", ":")).encode
# Looked up with every push: Enum's own ``value`` takes several times as long.
KINDS = {kind: kind.value for kind in Kind}
_KINDS = {kind.value: kind for kind in Kind}
_PRIORITIES = {priority.value: priority for priority in Priority}
_NO_SUMMARY = dict(vars(Summary()))


def identity(registration: Registration) -> tuple[str, str, str | None]:
    """
    What tells a registration from every other.
    """
    return registration.owner, registration.deviceId, registration.room


def fromRegistration(registration: Registration) -> dict[str, Any]:
    """
    A registration as parameters of a statement. Its target's key is its node and is not stored twice.
    """
    return {
        "node": registration.node,
        "host": registration.host,
        "owner": registration.owner,
        "device_id": registration.deviceId,
        "room": registration.room or "",
        "device_name": registration.deviceName,
        "app": registration.target.app,
        "token": registration.target.token,
        "details": _fromMapping(registration.target.details),
        "digests": b"".join(registration.digests),
        "registered": registration.registered,
        "renewed": registration.renewed,
    }


def toRegistration(row: Row[*tuple[Any, ...]]) -> Registration:
    """
    A whole row of the table, its columns in order.
    """
    node, host, owner, device, room, name, app, token, details, digests, registered, renewed = row
    return Registration(
        node=node,
        host=host,
        owner=owner,
        deviceId=device,
        target=Target(node, app, token, _toMapping(details)),
        digests=toDigests(digests),
        registered=registered,
        renewed=renewed,
        deviceName=name,
        room=room or None,
    )


def toDigests(column: bytes) -> tuple[bytes, ...]:
    """
    The digests out of their column.
    """
    return tuple(column[start : start + _DIGEST] for start in range(0, len(column), _DIGEST))


def fromHeld(held: Held) -> tuple[Any, ...]:
    """
    A place of the outbox as a row of the table, without its id.
    """
    waiting = held.waiting
    target, notification = waiting.target, waiting.notification
    return (
        target.key,
        KINDS[notification.kind],
        waiting.slot,
        target.app,
        target.token,
        _fromMapping(target.details),
        int(notification.priority),
        _fromSummary(notification.summary),
        _fromEncrypted(notification.encrypted),
        _fromMapping(notification.more),
        waiting.pushId,
        waiting.lane,
        held.accepted,
        waiting.expires,
        waiting.due,
        waiting.sequence,
        waiting.attempts,
        waiting.owner,
        held.lease,
    )


def toHeld(row: Row[*tuple[Any, ...]]) -> Held:
    """
    A whole row of the table, its columns in order.
    """
    *_, accepted, _, _, _, _, owner, lease = row
    return Held(toWaiting(row, owner), lease, accepted)


def toWaiting(row: Row[*tuple[Any, ...]], owner: str | None) -> Waiting:
    """
    What waits in a whole row of the table, when it is this owner's.
    """
    _, key, kind, slot, app, token, details, priority, summary, encrypted, more, *rest = row
    pushId, lane, _, expires, due, sequence, attempts, *_ = rest
    return _made(
        Waiting,
        target=_made(Target, key=key, app=app, token=token, details=_toMapping(details)),
        notification=_made(
            Notification,
            kind=_KINDS[kind],
            priority=_PRIORITIES[priority],
            summary=None if summary is None else _made(Summary, **{**_NO_SUMMARY, **_decoded(summary)}),
            encrypted=None if encrypted is None else Encrypted(**_decoded(encrypted)),
            more=_toMapping(more),
        ),
        pushId=pushId,
        lane=lane,
        expires=expires,
        due=due,
        slot=slot,
        sequence=sequence,
        attempts=attempts,
        owner=owner,
    )


def _made(which: type[V], /, **fields: Any) -> V:
    # With all fields. What initialises frozen values takes thrice as long, for it has to get around their being frozen.
    value = object.__new__(which)
    vars(value).update(fields)
    return value


def _decoded(column: str) -> Any:
    # What we have written begins with its value, and ends with it.
    value, _ = _JSON.raw_decode(column)
    return value


def _fromMapping(details: Mapping[str, str]) -> str | None:
    return _compact(dict(details)) if details else None


def _toMapping(column: str | None) -> Mapping[str, str]:
    return _decoded(column) if column else {}


def _fromSummary(summary: Summary | None) -> str | None:
    if summary is None:
        return None
    # As the encoder above would write it, which takes as long to get ready as to write.
    told = [
        f'"{name}":{encode_basestring_ascii(value) if isinstance(value, str) else value}'
        for name, value in vars(summary).items()
        if value is not None
    ]
    return f"{{{','.join(told)}}}"


def _fromEncrypted(encrypted: Encrypted | None) -> str | None:
    return None if encrypted is None else _compact(asdict(encrypted))
