"""
What p2 adds to mod_push's vocabulary: unregistering by network, ``unregister-push-X``, as Conversations and Quicksy do.

A client that asks for this wants to know whether there was anything: a device that nobody knows is item-not-found.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.dialects.devicefields import readDeviceId, readRoom
from pushsvc.errors import NoSuchCommand, NoSuchNode
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar
from pushsvc.kinds import formerNames

moduleProvides(IDialectKind)

UNREGISTER = "unregister-push-"


@implementer(IDialect)
class P2:
    """
    Unregisters.
    """

    def __init__(self, registrar: IRegistrar) -> None:
        self._registrar = registrar

    def commands(self, registerHost: str) -> Mapping[str, str]:
        networks = formerNames("providers", self._registrar.providers(registerHost))
        return {UNREGISTER + name: f"Unregister a device ({name})" for name in networks}

    async def execute(self, request: CommandRequest) -> CommandResult:
        if not request.node.startswith(UNREGISTER):
            raise NoSuchCommand()
        fields = request.fields if request.fields is not None else Fields({})
        deviceId = readDeviceId(request, fields, "device-id", "android-id")
        # Whatever network it is on by now: a device has one registration.
        if not await self._registrar.unregister(request.owner, deviceId, readRoom(fields)):
            raise NoSuchNode("there is no such device")
        return CommandResult()


def makeDialect(registrar: IRegistrar) -> IDialect:
    return P2(registrar)
