"""
Value to row and back.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
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


def fromHeld(held: Held) -> dict[str, Any]:
    """
    A place of the outbox as parameters of a statement.
    """
    waiting = held.waiting
    target, notification = waiting.target, waiting.notification
    return {
        "target_key": target.key,
        "kind": notification.kind.value,
        "slot": waiting.slot,
        "app": target.app,
        "token": target.token,
        "details": _fromMapping(target.details),
        "priority": notification.priority.value,
        "summary": _fromSummary(notification.summary),
        "encrypted": _fromEncrypted(notification.encrypted),
        "push_id": waiting.pushId,
        "lane": waiting.lane,
        "accepted": held.accepted,
        "expires": waiting.expires,
        "due": waiting.due,
        "sequence": waiting.sequence,
        "attempts": waiting.attempts,
        "owner": waiting.owner,
        "lease": held.lease,
    }


def toHeld(row: Row[*tuple[Any, ...]]) -> Held:
    """
    A whole row of the table, its columns in order.
    """
    _, key, kind, slot, app, token, details, priority, summary, encrypted, *rest = row
    pushId, lane, accepted, expires, due, sequence, attempts, owner, lease = rest
    notification = Notification(
        kind=_KINDS[kind],
        priority=_PRIORITIES[priority],
        summary=None if summary is None else Summary(**json.loads(summary)),
        encrypted=None if encrypted is None else Encrypted(**json.loads(encrypted)),
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
    told = {name: value for name, value in vars(summary).items() if value is not None}
    return _compact(told)


def _fromEncrypted(encrypted: Encrypted | None) -> str | None:
    return None if encrypted is None else _compact(asdict(encrypted))
