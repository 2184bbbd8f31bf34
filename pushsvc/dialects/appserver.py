"""
The vocabulary of mod_push_appserver, spoken by Monal before it had an app server of its own.

``v1-register-push`` and ``v1-unregister-push``. What they call ``node`` is the device, they end as ``complete`` where
XEP-0050 has ``completed``, and the forms have a FORM_TYPE, which nobody needs to look at.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.dialects.devicefields import readDeviceId
from pushsvc.errors import BadForm, NoSuchCommand, NoSuchNode
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.kinds import canonical
from pushsvc.model import Device

moduleProvides(IDialectKind)

REGISTER = "v1-register-push"
UNREGISTER = "v1-unregister-push"
COMPLETE = "complete"


@implementer(IDialect)
class AppServer:
    """
    Registers and unregisters.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        if not self._registrar.providers(registerHost):
            return {}
        return {REGISTER: "Register this device for push", UNREGISTER: "Unregister a device"}

    async def execute(self, request: CommandRequest) -> CommandResult:
        if request.fields is None:
            raise BadForm("a form is missing")
        if request.node == REGISTER:
            return await self._register(request, request.fields)
        if request.node == UNREGISTER:
            return await self._unregister(request, request.fields)
        raise NoSuchCommand()

    async def _register(self, request: CommandRequest, fields: Fields) -> CommandResult:
        network = canonical("providers", fields.required("type").strip().lower())
        device = Device(readDeviceId(request, fields, "node"))
        credentials = await self._registrar.register(request.host, request.owner, device, network, fields)
        return _complete(jid=credentials.jid, node=credentials.node, secret=credentials.secret or "")

    async def _unregister(self, request: CommandRequest, fields: Fields) -> CommandResult:
        said = readDeviceId(request, fields, "node")
        # There the node was what the client said. Here it is what we said; clients may have kept either.
        removed = await self._registrar.unregister(request.owner, said)
        removed = removed or await self._registrar.unregisterNodes(request.owner, [said])
        if not removed:
            raise NoSuchNode("there is no such device")
        return _complete(jid=removed[0].host, node=removed[0].node)


def _complete(**values: str) -> CommandResult:
    return CommandResult(values=tuple((name, (value,)) for name, value in values.items()), status=COMPLETE)


def makeDialect(registrar: IRegistrar) -> IDialect:
    return AppServer(registrar)
