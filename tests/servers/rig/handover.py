"""
What a server leaves to the publisher.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CONTRIB = Path(__file__).parents[3] / "contrib"
# What else a server may have that knows our module.
MODULES = Path(__file__).with_name("modules")


@dataclass(frozen=True)
class Handover:
    """
    Its accounts' push services are enabled by its component, and the component hears what happens to them.

    :ivar reports: by which means: the module in contrib/; or what the server's packages bring along.
    :ivar privileged: whether the component may speak for accounts.
    :ivar commands: whether the component answers ad-hoc commands on the server's own domain.
    """

    reports: Literal["module", "stock"] = "module"
    privileged: bool = False
    commands: bool = False

    @property
    def namespaces(self) -> list[str]:
        """
        Which are delegated.
        """
        return ["urn:xmpp:push:0", *(["http://jabber.org/protocol/commands"] if self.commands else [])]
