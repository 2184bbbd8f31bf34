"""
The vocabulary of Tigase's push component, spoken by Siskin, Martin, StorkIM and Snikket's app for iOS.

``register-device`` and ``unregister-device``. Apps are named by a feature of the host that the client looked for
(``provider-ids`` of the app), devices by their token. There is no secret: the node cannot be guessed, and only the
owner's server may publish to it.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField, CommandRequest, CommandResult
from pushsvc.errors import NoSuchCommand, NoSuchNode
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.model import Device, Offer, tokenId

moduleProvides(IDialectKind)

REGISTER = "register-device"
UNREGISTER = "unregister-device"


@implementer(IDialect)
class Tigase:
    """
    Registers and unregisters, and asks for what it was not told.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        if not self._offers(registerHost):
            return {}
        return {REGISTER: "Register device", UNREGISTER: "Unregister device"}

    async def execute(self, request: CommandRequest) -> CommandResult:
        if request.node not in (REGISTER, UNREGISTER):
            raise NoSuchCommand()
        fields = request.fields
        if fields is None or fields.one("provider", "device-token") is None:
            return CommandResult(form=self._form(request), title=self.commands(request.host)[request.node])
        named = fields.required("provider")
        offer = self._offers(request.host).get(named)
        if offer is None:
            raise NoSuchNode("provider: there is no such app here")
        device = _asOthersSayIt(offer, fields)
        if request.node == REGISTER:
            return await self._register(request, offer, device)
        return await self._unregister(request, offer, device)

    async def _register(self, request: CommandRequest, offer: Offer, fields: Fields) -> CommandResult:
        known = await self._registrar.withToken(request.host, request.owner, offer.provider, fields)
        # Not the resource: two phones may have the same one, and the second would take the place of the first.
        deviceId = known[0].deviceId if known else tokenId(fields.required("token"))
        credentials = await self._registrar.register(
            request.host, request.owner, Device(deviceId), offer.provider, fields, secret=False
        )
        values = [("node", (credentials.node,)), ("features", offer.features)]
        if offer.payloadSize is not None:
            values.append(("max-payload-size", (str(offer.payloadSize),)))
        # Clients of Martin look for a field of this type, and encrypt nothing when they find one of another.
        return CommandResult(values=tuple(values), types={"features": "text-multi"})

    async def _unregister(self, request: CommandRequest, offer: Offer, fields: Fields) -> CommandResult:
        known = await self._registrar.withToken(request.host, request.owner, offer.provider, fields)
        if not await self._registrar.unregisterNodes(request.owner, [registration.node for registration in known]):
            raise NoSuchNode("there is no such device")
        return CommandResult()

    def _form(self, request: CommandRequest) -> tuple[CommandField, ...]:
        names = {id: offer.app for id, offer in self._offers(request.host).items()}
        asked = [
            CommandField("provider", "Provider", "list-single", True, options=names),
            CommandField("device-token", "Device token", required=True),
        ]
        if request.node == REGISTER:
            asked.append(CommandField("device-second-token", "Second token of the device"))
        return tuple(asked)

    def _offers(self, registerHost: str) -> dict[str, Offer]:
        return {id: offer for offer in self._registrar.offers(registerHost) for id in offer.ids}


def _asOthersSayIt(offer: Offer, fields: Fields) -> Fields:
    """
    The words that providers know.
    """
    said = {"app": (offer.app,), "token": (fields.required("device-token"),)}
    if second := fields.one("device-second-token"):
        said["voip-token"] = (second,)
    return Fields({**{name: fields[name] for name in fields if name not in ("provider", "app")}, **said})


def makeDialect(registrar: IRegistrar) -> IDialect:
    return Tigase(registrar)
