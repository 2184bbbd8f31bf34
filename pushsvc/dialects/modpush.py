"""
The vocabulary of mod_push, in the spellings of every client that uses it.

``register-push-X`` for every network X that an app of the host is on, ``list-push-registrations`` and
``unregister-push``. Conversations says ``android-id`` where others say ``device-id``, and names a room in ``muc`` or
``channel``.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField, CommandRequest, CommandResult
from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.jids import addressOf
from pushsvc.kinds import ALIASES, canonical
from pushsvc.model import Device, Registration

moduleProvides(IDialectKind)

REGISTER = "register-push-"
UNREGISTER = "unregister-push"
LIST = "list-push-registrations"

DEVICE_ID_MAX = 1023
DEVICE_NAME_MAX = 1023


@implementer(IDialect)
class ModPush:
    """
    Reads what clients say, asks the registrar, and says it in mod_push's words.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        networks = list(self._registrar.providers(registerHost))
        # Clients go on saying gcm.
        networks += [former for (folder, former), now in ALIASES.items() if folder == "providers" and now in networks]
        registering = {REGISTER + name: f"Register this device for push ({name})" for name in networks}
        return {**registering, LIST: "List my devices", UNREGISTER: "Unregister a device"}

    async def execute(self, request: CommandRequest) -> CommandResult:
        if request.node == LIST:
            return await self._list(request)
        if request.node == UNREGISTER:
            return await self._unregister(request)
        if request.node.startswith(REGISTER):
            return await self._register(request)
        raise NoSuchCommand()

    async def _register(self, request: CommandRequest) -> CommandResult:
        fields = request.fields
        if fields is None:
            raise BadForm("a form is missing")
        name = request.node.removeprefix(REGISTER)
        device = Device(_deviceId(request, fields), _deviceName(fields), _room(fields))
        credentials = await self._registrar.register(
            request.host, request.owner, device, canonical("providers", name), fields
        )
        values = [("jid", (credentials.jid,)), ("node", (credentials.node,))]
        if credentials.secret is not None:
            values.append(("secret", (credentials.secret,)))
        return CommandResult(values=tuple(values))

    async def _list(self, request: CommandRequest) -> CommandResult:
        registrations = await self._registrar.registrations(request.owner)
        if not registrations:
            return CommandResult(note="No device is registered.")
        return CommandResult(
            title="Your devices",
            columns=(CommandField("device-name", "Device"), CommandField("node", "Node")),
            items=tuple(_item(registration) for registration in registrations),
        )

    async def _unregister(self, request: CommandRequest) -> CommandResult:
        fields = request.fields if request.fields is not None else Fields({})
        nodes = [node for node in fields.get("nodes", ()) if node]
        if nodes:
            removed = await self._registrar.unregisterNodes(request.owner, nodes)
            return CommandResult(values=(("nodes", tuple(registration.node for registration in removed)),))
        # A device that nobody knows is as gone as the client wants it to be.
        await self._registrar.unregister(request.owner, _deviceId(request, fields), _room(fields))
        return CommandResult()


def _deviceId(request: CommandRequest, fields: Fields) -> str:
    given = fields.one("device-id", "android-id")
    deviceId = given if given is not None else request.resource
    if not deviceId:
        raise BadForm("device-id is missing, and so is a resource to use in its place")
    if len(deviceId) > DEVICE_ID_MAX:
        raise BadForm("device-id is too long")
    return deviceId


def _deviceName(fields: Fields) -> str | None:
    name = fields.one("device-name")
    if name is not None and len(name) > DEVICE_NAME_MAX:
        raise BadForm("device-name is too long")
    if name is None and fields.get("device-name") == ("",):
        return ""
    return name


def _room(fields: Fields) -> str | None:
    room = fields.one("muc", "channel")
    if room is None:
        return None
    address = addressOf(room)
    if address is None:
        raise BadForm("the room is not a JID")
    return address.bare


def _item(registration: Registration) -> Mapping[str, str]:
    if registration.deviceName is None:
        return {"node": registration.node}
    return {"device-name": registration.deviceName, "node": registration.node}


def makeDialect(registrar: IRegistrar) -> IDialect:
    return ModPush(registrar)
