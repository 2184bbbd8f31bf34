"""
The vocabulary of mod_push, in the spellings of every client that uses it.

``register-push-X`` for every network X that an app of the host is on, ``list-push-registrations`` and
``unregister-push``. Conversations says ``android-id`` where others say ``device-id``, and names a room in ``muc`` or
``channel``.
"""

from collections.abc import Mapping, Sequence

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField, CommandRequest, CommandResult
from pushsvc.dialects.devicefields import readDeviceId, readDeviceName, readRoom
from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.kinds import canonical, formerNames
from pushsvc.model import Device, Registration

moduleProvides(IDialectKind)

REGISTER = "register-push-"
UNREGISTER = "unregister-push"
LIST = "list-push-registrations"

_IDS = "device-id", "android-id"
# Who says no more than that wants to know what there is to say.
_NOTHING_YET = "FORM_TYPE", "app"


@implementer(IDialect)
class ModPush:
    """
    Reads what clients say, asks the registrar, and says it in mod_push's words.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        networks = formerNames("providers", self._registrar.providers(registerHost))
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
        fields = request.fields if request.fields is not None else Fields({})
        name = request.node.removeprefix(REGISTER)
        if all(var in _NOTHING_YET or not any(values) for var, values in fields.items()):
            form = self._registrar.form(request.host, canonical("providers", name), fields)
            if form:
                return _asking(form, fields)
        if request.fields is None:
            raise BadForm("a form is missing")
        device = Device(readDeviceId(request, fields, *_IDS), readDeviceName(fields), readRoom(fields))
        credentials = await self._registrar.register(
            request.host, request.owner, device, canonical("providers", name), fields
        )
        values = [("jid", (credentials.jid,)), ("node", (credentials.node,))]
        if credentials.secret is not None:
            values.append(("secret", (credentials.secret,)))
        values += [(fact, (value,)) for fact, value in credentials.facts.items()]
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
            gone = tuple(registration.node for registration in removed)
            return CommandResult(values=(("nodes", gone),), types={"nodes": "list-multi"})
        # A device that nobody knows is as gone as the client wants it to be.
        await self._registrar.unregister(request.owner, readDeviceId(request, fields, *_IDS), readRoom(fields))
        return CommandResult()


def _asking(form: Sequence[CommandField], fields: Fields) -> CommandResult:
    app = fields.one("app")
    known = (CommandField("app", "App", "hidden", values=(app,)),) if app is not None else ()
    device = CommandField("device-id", "Device id"), CommandField("device-name", "Device")
    return CommandResult(title="Register this device", form=(*known, *device, *form))


def _item(registration: Registration) -> Mapping[str, str]:
    if registration.deviceName is None:
        return {"node": registration.node}
    return {"device-name": registration.deviceName, "node": registration.node}


def makeDialect(registrar: IRegistrar) -> IDialect:
    return ModPush(registrar)
