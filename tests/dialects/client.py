"""
Somebody who runs commands.
"""

from dataclasses import dataclass
from typing import Any

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IDialect
from tests.support import resultOf

HOST = "push.example.net"
JULIET = "juliet@example.net"
ROMEO = "romeo@example.net"


@dataclass
class Client:
    """
    Somebody's client, which runs commands.
    """

    dialect: IDialect
    owner: str = JULIET
    resource: str | None = "balcony"

    def run(self, command: str, **fields: Any) -> CommandResult:
        """
        Run a command with a form; ``device_id`` is the field device-id, and lists are fields with several values.
        """
        given = {
            name.replace("_", "-"): tuple(value) if isinstance(value, list) else (value,)
            for name, value in fields.items()
        }
        return self.bare(command, Fields(given))

    def bare(self, command: str, fields: Fields | None = None) -> CommandResult:
        """
        Run a command; with None there is no form.
        """
        return resultOf(self.dialect.execute(CommandRequest(HOST, command, self.owner, self.resource, fields)))

    def register(self, **fields: Any) -> dict[str, str]:
        return values(self.run("register-push-fcm", **{"token": "t", **fields}))

    def listed(self) -> list[dict[str, str]]:
        return [dict(item) for item in self.bare("list-push-registrations").items]


def values(result: CommandResult) -> dict[str, str]:
    """
    What a form says.
    """
    return {var: " ".join(several) for var, several in result.values or ()}
