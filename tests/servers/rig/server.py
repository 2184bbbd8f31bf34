"""
What Prosody and ejabberd have in common for a test.
"""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.servers.rig.authority import Authority
from tests.servers.rig.log import Log
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor


@dataclass(frozen=True)
class Place:
    """
    Where a server lives, and what it knows of the world.

    :ivar folder: all its files are here.
    :ivar names: the port of the name server.
    """

    folder: Path
    authority: Authority
    names: int


@dataclass(frozen=True)
class Account:
    """
    Somebody on a server.
    """

    jid: str
    password: str
    server: "Server"


class Server(ABC):
    """
    An XMPP server for one domain, with components. Three expressions say what is to be found in its log.

    :ivar program: its name.
    :ivar attached: a component is connected.
    :ivar accepted: a component has answered a publish.
    :ivar refused: a component has refused a publish; to be formatted with ``type`` and ``condition``.
    :ivar components: each component's domain to its secret.
    """

    program: str
    attached: str
    accepted: str
    refused: str

    def __init__(self, place: Place, domain: str, components: Mapping[str, str]) -> None:
        self.domain = domain
        self.components = dict(components)
        self.folder = place.folder
        self.authority = place.authority
        self.names = place.names
        self.ports = {use: freePort() for use in ("c2s", "s2s", "component", "http")}
        self.log = Log(self.folder / f"{self.program}.log")
        self.output = Log(self.folder / "output.log")
        self._process: Process | None = None
        self._accounts = 0

    def start(self) -> None:
        """
        Start it; it serves when this returns.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure()
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "LANG": "C.UTF-8"}
        self._process = process = Process(
            self.command(), self.folder, self.output.path, {**environment, **self.environment()}
        )
        waitFor(self.serves, f"{self.domain} serves", 60, alive=process.isAlive)

    def stop(self) -> None:
        """
        Stop it as an operator would.
        """
        if self._process is not None:
            self._process.stop()

    def kill(self) -> None:
        """
        Let it die at once; the kernel closes its connections.
        """
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """
        Stop and start.
        """
        self.stop()
        self.start()

    def freeze(self) -> None:
        """
        It stops doing anything while its connections stay.
        """
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """
        It goes on where it was frozen.
        """
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    def account(self, name: str) -> Account:
        """
        A new account, of a name that nobody has had before.
        """
        self._accounts += 1
        account = Account(f"{name}{self._accounts}@{self.domain}", "pencil", self)
        self.register(f"{name}{self._accounts}", account.password)
        return account

    def zone(self) -> dict[str, object]:
        """
        How the world finds it.

        The targets of the SRV records are addresses: ejabberd looks those up with the C library, which no test
        can give another name server without being root.
        """
        srv = {"SRV": [[0, 0, self.ports["s2s"], LOOPBACK]]}
        domains = [self.domain, *self.components]
        return {
            self.domain: {"A": [LOOPBACK]},
            **{f"_xmpp-server._tcp.{domain}": srv for domain in domains},
        }

    def environment(self) -> dict[str, str]:
        """
        Variables it needs beside the usual ones.
        """
        return {}

    @staticmethod
    @abstractmethod
    def isInstalled() -> bool:
        """
        Whether this machine has it.
        """

    @abstractmethod
    def configure(self) -> None:
        """
        Write its configuration.
        """

    @abstractmethod
    def command(self) -> list[str]:
        """
        How it is started.
        """

    @abstractmethod
    def serves(self) -> bool:
        """
        Whether it is ready for clients, servers and components.
        """

    @abstractmethod
    def register(self, name: str, password: str) -> None:
        """
        Make an account.
        """
