"""
A third party's dialect that claims a command of mod_push's.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.ipushsvc import IDialect, IDialectKind, IRegistrar

moduleProvides(IDialectKind)


@implementer(IDialect)
class Claiming:
    def commands(self, registerHost: str) -> Mapping[str, str]:
        return {"unregister-push": "Mine"}

    async def execute(self, request: CommandRequest) -> CommandResult:
        return CommandResult()


def makeDialect(registrar: IRegistrar) -> IDialect:
    return Claiming()
