"""
Value to row and back.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from json.encoder import encode_basestring_ascii
from typing import Any

from sqlalchemy import Row

from pushsvc.model import Encrypted, Kind, Notification, Priority, Registration, Summary, Target, Waiting
from pushsvc.storage.rules import Held

_DIGEST = 32
_compact = json.JSONEncoder(separators=(",", ":")).encode
_KINDS = {kind.value: kind for kind in Kind}
_PRIORITIES = {priority.value: priority for priority in Priority}


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
        notification.kind.value,
        waiting.slot,
        target.app,
        target.token,
        _fromMapping(target.details),
        notification.priority.value,
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
    _, key, kind, slot, app, token, details, priority, summary, encrypted, more, *rest = row
    pushId, lane, accepted, expires, due, sequence, attempts, owner, lease = rest
    notification = Notification(
        kind=_KINDS[kind],
        priority=_PRIORITIES[priority],
        summary=None if summary is None else Summary(**json.loads(summary)),
        encrypted=None if encrypted is None else Encrypted(**json.loads(encrypted)),
        more=_toMapping(more),
    )
    waiting = Waiting(
        target=Target(key, app, token, _toMapping(details)),
        notification=notification,
        pushId=pushId,
        lane=lane,
        expires=expires,
        due=due,
        slot=slot,
        sequence=sequence,
        attempts=attempts,
        owner=owner,
    )
    return Held(waiting, lease, accepted)


def _fromMapping(details: Mapping[str, str]) -> str | None:
    return _compact(dict(details)) if details else None


def _toMapping(column: str | None) -> Mapping[str, str]:
    return json.loads(column) if column else {}


def _fromSummary(summary: Summary | None) -> str | None:
    if summary is None:
        return None
    # As the encoder above would write it, which takes as long to get ready as to write.
    told = [f'"{name}":{_fromValue(value)}' for name, value in vars(summary).items() if value is not None]
    return f"{{{','.join(told)}}}"


def _fromValue(value: int | str) -> str:
    return encode_basestring_ascii(value) if isinstance(value, str) else str(value)


def _fromEncrypted(encrypted: Encrypted | None) -> str | None:
    return None if encrypted is None else _compact(asdict(encrypted))
