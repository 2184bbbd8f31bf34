"""
What a device wishes of its pushes beyond what its app is configured for: in the words of MongooseIM's publish-options
(see ``mongoosepushdevice``), which are taken from a registration as well.

===================  ===================================================================================================
``silent``           ``true``: nothing is shown
``priority``         ``normal`` or ``high``: how urgent its pushes are, always; what they show is another thing
``sound``            of alerts
``click_action``     of alerts: their category
``mutable_content``  whether alerts go through the app's service extension
``time_to_live``     seconds that the network may keep a push; never longer than it is wanted
===================  ===================================================================================================
"""

from collections.abc import Mapping
from typing import NamedTuple

from pushsvc.fields import Fields
from pushsvc.model import Notification, Priority
from pushsvc.providers.mongoosepushdevice import option

_LOOKS = ("silent", "sound", "click_action", "mutable_content")
_NAMES = (*_LOOKS, "priority", "time_to_live")


class Wishes(NamedTuple):
    """
    What of it concerns how a push looks. None: as the app is configured.
    """

    silent: bool | None = None
    sound: str | None = None
    category: str | None = None
    mutableContent: bool | None = None


NONE = Wishes()


def readWishes(fields: Fields) -> dict[str, str]:
    """
    For ``Target.details``: those that are said, and can be.

    :raises BadForm: one is said twice.
    """
    said = {name: value for name in _NAMES if (value := fields.one(name)) is not None}
    return {name: value for name, value in said.items() if option(said, name) is not None}


def wishesOf(details: Mapping[str, str]) -> Wishes:
    """
    What a device wishes. Most wish nothing.
    """
    if not details or details.keys().isdisjoint(_LOOKS):
        return NONE
    return Wishes(*[option(details, name) for name in _LOOKS])


def isUrgent(details: Mapping[str, str], notification: Notification) -> bool:
    """
    Whether the network is to hurry.
    """
    wanted = option(details, "priority") if "priority" in details else None
    return notification.priority is Priority.HIGH if wanted is None else bool(wanted == "high")


def keptUntil(details: Mapping[str, str], expires: float, now: float) -> float:
    """
    Until when the network may keep a push, in seconds since 1970.

    :param expires: until when it is wanted.
    """
    wanted: int | None = option(details, "time_to_live") if "time_to_live" in details else None
    return expires if wanted is None else min(expires, now + wanted)
