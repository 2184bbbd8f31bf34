"""
Devices behind MongoosePush, in the words of MongooseIM's publish-options, which are also those of the registration.

===================  ===================================================================================================
``service``          ``apns`` or ``fcm``; may be left out where the app has one of them only
``device_id``        the token, as the network gave it; or ``token``
``mode``             ``prod`` or ``dev``: of which environment the token is
``topic``            the bundle id, of ``apns``
``silent``           ``true``: nothing is shown, the app gets data
``priority``         ``normal`` or ``high``: always that
``sound``            of alerts
``click_action``     of alerts: the category (``apns``), or what is opened (``fcm``)
``mutable_content``  ``true``: alerts go through the app's service extension
``time_to_live``     seconds that the network may keep a push; never longer than it is wanted
===================  ===================================================================================================

All values are text, there as here; MongoosePush wants some of them as numbers and truths, and refuses them otherwise.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pushsvc.command import CommandField
from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.providers.tokens import readToken

APNS, FCM = "apns", "fcm"

_TOPIC = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}
LONGEST_TTL = 2_419_200
LONGEST_TEXT = 255


def readTarget(fields: Fields, services: Collection[str]) -> tuple[str, dict[str, str]]:
    """
    The token of the device, and what else is known of it.

    :param services: those that the app is on.
    :raises BadForm: as `pushsvc.ipushsvc.IProvider.readTarget`.
    """
    token, other = readToken(fields, "device_id"), readToken(fields, "token")
    if token is not None and other is not None and token != other:
        raise BadForm("device_id and token: one of them")
    token = token or other
    if token is None:
        raise BadForm("device_id (or token) is missing")
    if not token.strip("."):
        # In a URL these lead elsewhere, however they are written.
        raise BadForm("device_id cannot be one")
    details = {"service": _service(fields, services)}
    for name, read in _READ.items():
        said = fields.one(name)
        if said is not None:
            if read(said) is None:
                raise BadForm(f"{name} cannot be that")
            details[name] = said
    return token, details


def formOf(services: Collection[str]) -> Sequence[CommandField]:
    """
    What a registration consists of.

    :param services: those that the app is on.
    """
    return [
        CommandField("service", "Service", "list-single", len(services) > 1, options={name: name for name in services}),
        CommandField("device_id", "Token (or in a field of that name: token)"),
        CommandField("mode", "Environment", "list-single", options={"prod": "Production", "dev": "Development"}),
        CommandField("topic", "Bundle id"),
        CommandField("silent", "Show nothing", "boolean"),
        CommandField("priority", "Priority", "list-single", options={"normal": "Normal", "high": "High"}),
        CommandField("sound", "Sound"),
        CommandField("click_action", "Category, or what is opened"),
        CommandField("mutable_content", "Alerts go through the service extension", "boolean"),
        CommandField("time_to_live", "Seconds that a push is kept"),
    ]


def option(details: Mapping[str, str], name: str) -> Any:
    """
    What a device says of itself, as MongoosePush wants it; None when it does not say, or says what cannot be: publish
    options come from whoever publishes, and a push without one of them is better than none.
    """
    said = details.get(name)
    return None if said is None else _READ[name](said)


def _service(fields: Fields, services: Collection[str]) -> str:
    said = fields.one("service")
    if said is None and len(services) == 1:
        return next(iter(services))
    if said is None:
        raise BadForm("service is missing")
    if said not in services:
        raise BadForm(f"service: one of {', '.join(sorted(services))}")
    return said


def _among(*words: str) -> Callable[[str], str | None]:
    return lambda said: said if said in words else None


def _seconds(said: str) -> int | None:
    isNumber = said.isascii() and said.isdigit() and len(said) < 10
    return min(int(said), LONGEST_TTL) if isNumber else None


def _topic(said: str) -> str | None:
    return said if _TOPIC.fullmatch(said) else None


def _text(said: str) -> str | None:
    return said if 0 < len(said) <= LONGEST_TEXT and said.isprintable() else None


_READ: Mapping[str, Callable[[str], Any]] = {
    "mode": _among("prod", "dev"),
    "topic": _topic,
    "silent": _TRUTHS.get,
    "priority": _among("normal", "high"),
    "sound": _text,
    "click_action": _text,
    "mutable_content": _TRUTHS.get,
    "time_to_live": _seconds,
}
