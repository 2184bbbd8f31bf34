"""
The whole way of a phone, whatever its network: it registers, its server is told, it sleeps, a message comes, and the
network is asked to wake it.

A test of a network says these::

    network = waking.network("tests.standins.ubports")
    waking.app("ubuntu", f'endpoint = "{network.url}"')
    waking.sleep("register-push-ubuntu", {"token": token, "application-id": APPLICATION})
    waking.say("are you there?")
    seen = network.request()
"""

import os
import sys
from pathlib import Path
from typing import Any

from tests.servers import forms
from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.forms import Answer
from tests.servers.phone import Phones
from tests.servers.rig.log import Log, recorded
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.process import Process
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import waitFor
from tests.servers.service import Service


class StandIn:
    """
    A stand-in for a network (`tests.standins.network`), as a process of its own.

    :ivar url: where it is.
    """

    def __init__(self, module: str, arguments: tuple[str, ...], rig: Rig, folder: Path) -> None:
        port = freePort()
        name = module.rpartition(".")[2]
        self.url = f"https://{LOOPBACK}:{port}"
        self.log = Log(folder / f"{name}.log")
        self._record = folder / f"{name}.jsonl"
        issued = rig.authority.issue(LOOPBACK)
        command = [sys.executable, "-m", module, "--port", str(port), "--record", str(self._record)]
        command += ["--certificate", str(issued.certificate), "--key", str(issued.key), *arguments]
        rig.logs.append(self.log)
        self._process = Process(command, Path(__file__).parents[2], self.log.path, os.environ)
        self.log.waitFor("listening", alive=self._process.isAlive)

    def stop(self) -> None:
        """
        Stop it.
        """
        self._process.stop()

    def requests(self, path: str = "") -> list[dict[str, Any]]:
        """
        What it was asked, oldest first.

        :param path: only those whose path ends like this.
        """
        return [request for request in recorded(self._record) if request["path"].endswith(path)]

    def request(self, number: int = 1, path: str = "") -> dict[str, Any]:
        """
        Wait for a request.

        :param number: which: the first, the second, ...
        """
        return waitFor(lambda: self.requests(path)[number - 1 :], f"request number {number}")[0]


class Waking:
    """
    A network, a pushsvc with an app on it behind a real server, and a phone of that server.
    """

    def __init__(self, rig: Rig, server: Server, phones: Phones, folder: Path) -> None:
        self._rig = rig
        self._server = server
        self._phones = phones
        self._folder = folder
        self._networks: list[StandIn] = []
        self._service: Service | None = None
        self._alice = server.account("alice")

    @property
    def service(self) -> Service:
        """
        The pushsvc.
        """
        assert self._service is not None, "no app yet"
        return self._service

    def network(self, module: str, *arguments: str) -> StandIn:
        """
        A network that serves.

        :param module: of the stand-in.
        """
        self._networks.append(StandIn(module, arguments, self._rig, self._folder))
        return self._networks[-1]

    def app(self, provider: str, keys: str) -> None:
        """
        Start a pushsvc with an app of this provider.

        :param keys: those of its table, but for what says whom to trust.
        """
        table = f'\n[apps.tested]\nprovider = "{provider}"\ntrust = "{self._server.authority.root}"\n{keys}\n'
        # Neither is started: nobody registers for them.
        fcm, apple = Fcm(self._folder, self._rig.authority), Apple(self._folder, self._rig.authority)
        self._service = Service(self._folder, self._server, fcm, apple, table)
        self._rig.logs.append(self._service.log)
        self._service.start()

    def ask(self, command: str, fields: forms.Values | None = None) -> Answer:
        """
        Alice's phone runs a command, and is offline again.
        """
        phone = self._phones.online(self._alice)
        answer = phone.command(self.service.domain, command, fields)
        phone.logOff()
        return answer

    def sleep(self, command: str, fields: forms.Values) -> Answer:
        """
        Alice's phone registers, tells its server so, and is offline from then on.
        """
        phone = self._phones.online(self._alice)
        answer = phone.command(self.service.domain, command, {"device-id": "phone", **fields})
        phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
        phone.logOff()
        return answer

    def say(self, body: str) -> str:
        """
        Bob writes to Alice.

        :returns: his JID.
        """
        bob = self._phones.online(self._server.account("bob"))
        bob.say(self._alice.jid, body)
        bob.logOff()
        return bob.jid

    def end(self) -> None:
        """
        All ends as it should, and nobody complained of anything.
        """
        self.service.waitUntilDone()
        assert self.service.stop()
        assert self.service.complaints() == []

    def kill(self) -> None:
        """
        Nothing is left.
        """
        if self._service is not None:
            self._service.kill()
        for network in self._networks:
            network.stop()
