"""
Two who are offline, and one who writes to them: what every way between a server and pushsvc is for.
"""

import secrets

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.journey import newToken, registerAndEnable
from tests.servers.phone import Phones
from tests.servers.program import Program
from tests.servers.rig.server import Server


class Sleepers:
    """
    Alice, whose phone Google can wake, and Carol, whose phone only Apple can; both registered, enabled, and offline.
    """

    def __init__(self, phones: Phones, server: Server, service: Program, fcm: Fcm, apple: Apple) -> None:
        self._phones = phones
        self._fcm = fcm
        self._apple = apple
        self._said: list[str] = []
        self._server = server
        self._alice, self._carol = server.account("alice"), server.account("carol")
        self._alices, self._carols = newToken(), secrets.token_hex(32)
        phone = phones.online(self._alice)
        registerAndEnable(phone, service, self._alices)
        phone.logOff()
        phone = phones.online(self._carol)
        answer = phone.command(service.domain, "register-push-apns", {"token": self._carols, "device-id": "phone"})
        phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
        phone.logOff()

    def wake(self, body: str, writer: Server | None = None) -> None:
        """
        Somebody writes to both, and each network gets one push for it, and a right one.

        :param writer: whose server is this; None: theirs.
        """
        bob = self._phones.online((writer or self._server).account("bob"))
        bob.say(self._alice.jid, body)
        bob.say(self._carol.jid, body)
        self._said.append(body)
        push = self._fcm.push(self._alices, len(self._said))
        assert push["data"]["last-message-sender"].startswith(f"{bob.jid}/")
        assert push["android"]["priority"] == "HIGH"
        push = self._apple.push(self._carols, len(self._said))
        assert push["taken"]
        assert push["body"]["last-message-sender"].startswith(f"{bob.jid}/")
        self.assertExact()
        bob.logOff()

    def assertExact(self) -> None:
        """
        So far each message was one push, and there was no other.
        """
        googles = [each["data"]["last-message-body"] for each in self._fcm.pushes() if each["token"] == self._alices]
        apples = [each["body"]["last-message-body"] for each in self._apple.pushes() if each["token"] == self._carols]
        assert googles == self._said
        assert apples == self._said
