"""
What several vocabularies read alike: which device is meant, what it is called, and for which room.
"""

from pushsvc.command import CommandRequest
from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.jids import addressOf

DEVICE_ID_MAX = 1023
DEVICE_NAME_MAX = 1023


def readDeviceId(request: CommandRequest, fields: Fields, *names: str) -> str:
    """
    The device: the first of these fields that says it, else the resource.

    :raises BadForm: nothing says it; or too much does.
    """
    given = fields.one(*names)
    deviceId = given if given is not None else request.resource
    if not deviceId:
        raise BadForm(f"{names[0]} is missing, and so is a resource to use in its place")
    if len(deviceId) > DEVICE_ID_MAX:
        raise BadForm(f"{names[0]} is too long")
    return deviceId


def readDeviceName(fields: Fields) -> str | None:
    """
    What the device is called; None: the client does not say.

    :raises BadForm: it is too long, or said twice.
    """
    name = fields.one("device-name")
    if name is not None and len(name) > DEVICE_NAME_MAX:
        raise BadForm("device-name is too long")
    if name is None and fields.get("device-name") == ("",):
        return ""
    return name


def readRoom(fields: Fields) -> str | None:
    """
    The one room that is meant, as a bare JID; None: it is no room's affair.

    :raises BadForm: it is no JID.
    """
    room = fields.one("muc", "channel")
    if room is None:
        return None
    address = addressOf(room)
    if address is None:
        raise BadForm("the room is not a JID")
    return address.bare
