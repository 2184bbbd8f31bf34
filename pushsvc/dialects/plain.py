"""
``register-push`` without a network in its name: the form says which phone it is.

Two small vocabularies are this one: that of old MongooseIM (``type`` is android or ios) and that of xmpp-app-server
(``device_type``). Neither names the device, so that it is the token that does.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.kinds import canonical
from pushsvc.model import Device, tokenId

moduleProvides(IDialectKind)

REGISTER = "register-push"
# What phones are called, to their network; networks by their own names are understood as well.
NETWORKS = {"android": "fcm", "ios": "apns"}


@implementer(IDialect)
class Plain:
    """
    Registers.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        return {REGISTER: "Register this device for push"} if self._registrar.providers(registerHost) else {}

    async def execute(self, request: CommandRequest) -> CommandResult:
        if request.node != REGISTER:
            raise NoSuchCommand()
        if request.fields is None:
            raise BadForm("a form is missing")
        fields = request.fields
        said = fields.required("type", "device_type").strip().lower()
        network = canonical("providers", NETWORKS.get(said, said))
        device = Device(await self._deviceId(request, network, fields))
        credentials = await self._registrar.register(request.host, request.owner, device, network, fields)
        given = ("jid", credentials.jid), ("node", credentials.node), ("secret", credentials.secret or "")
        return CommandResult(values=tuple((name, (value,)) for name, value in given))

    async def _deviceId(self, request: CommandRequest, network: str, fields: Fields) -> str:
        for registration in await self._registrar.withToken(request.host, request.owner, network, fields):
            return registration.deviceId
        return tokenId(fields.required("token"))


def makeDialect(registrar: IRegistrar) -> IDialect:
    return Plain(registrar)
