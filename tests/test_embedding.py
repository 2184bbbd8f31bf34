"""
Both halves in the process of a server that is built on Wokkel: tap/embedding.tac.
"""

import runpy
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from wokkel.generic import parseXml

TAC = Path(__file__).parent.parent / "tap" / "embedding.tac"
PHONE = "juliet@localhost/phone"
REGISTER = """
<iq type='set' from='{phone}' to='localhost' id='1'>
  <command xmlns='http://jabber.org/protocol/commands' node='register-push-demo'>
    <x xmlns='jabber:x:data' type='submit'><field var='token'><value>t</value></field></x>
  </command>
</iq>"""
ENABLE = """
<iq type='set' from='{phone}' to='{to}' id='2'>
  <enable xmlns='urn:xmpp:push:0' jid='push.localhost' node='{node}'>
    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
      <field var='secret'><value>{secret}</value></field>
    </x>
    <x xmlns='jabber:x:data' type='submit'>
      <field var='FORM_TYPE'><value>urn:xmpp:push:options</value></field>
      <field var='include-senders'><value>1</value></field>
    </x>
  </enable>
</iq>"""
INFO = "<iq type='get' from='{phone}' to='{to}' id='3'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
MESSAGE = """
<message from='romeo@example.net/orchard' to='juliet@localhost' type='chat'><body>Wherefore?</body></message>"""


class Phone:
    """
    A client of the server, as far as the server has such.
    """

    def __init__(self, server):
        self._server = server
        self._answers = {}
        self.received = []
        self.come()

    def come(self):
        self._server["accounts"].present[PHONE] = self._take

    def go(self):
        del self._server["accounts"].present[PHONE]

    def _take(self, stanza):
        self.received.append(stanza)
        awaiting = self._answers.pop(stanza.getAttribute("id"), None)
        if awaiting is not None:
            awaiting.callback(stanza)

    async def ask(self, stanza, **words):
        request = parseXml(stanza.strip().format(phone=PHONE, **words).encode())
        awaiting = self._answers[request["id"]] = Deferred()
        self._server["router"].route(request)
        return await awaiting


@pytest.fixture
def server(reactor):
    made = runpy.run_path(str(TAC))
    service = made["composition"].service
    service.startService()
    yield made
    pytest_twisted.blockon(service.stopService())


@pytest.fixture
def reactor():
    from twisted.internet import reactor

    return reactor


def values(reply):
    return {field["var"]: str(field.value) for field in reply.command.x.elements() if field.value is not None}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("to", ["juliet@localhost", "localhost"])
async def test_bothHalves(server, to):
    """
    MIM-12: a client registers and enables at its own server, with the account or with the server; it goes, a message
    comes, and its phone is woken, once.
    """
    phone = Phone(server)
    registered = values(await phone.ask(REGISTER))
    assert "push.localhost" == registered["jid"]

    enabled = await phone.ask(ENABLE, to=to, node=registered["node"], secret=registered["secret"])
    assert "result" == enabled["type"], enabled.toXml()
    assert "include-senders" in enabled.enable.toXml()
    phone.go()
    woken = server["demo"].awaitDelivery()
    server["router"].route(parseXml(MESSAGE.strip().encode()))

    delivered = await woken
    assert "t" == delivered.target.token
    assert 1 == delivered.notification.summary.messageCount
    assert 1 == len(server["accounts"].putAside["juliet@localhost"])


@pytest_twisted.ensureDeferred
async def test_MP53_theAccountsOwnForm(server):
    """
    MP-53, 0357-11: accounts and their domain show that push can be enabled; to the account itself, what holds for it.
    """
    phone = Phone(server)

    own = (await phone.ask(INFO, to="juliet@localhost")).toXml()
    others = (await phone.ask(INFO, to="romeo@localhost")).toXml()

    assert "urn:xmpp:push:0" in own and "urn:xmpp:push:options" in own and "include-senders" in own
    assert "urn:xmpp:push:0" in others and "urn:xmpp:push:options" not in others


@pytest_twisted.ensureDeferred
async def test_othersMayNot(server):
    """
    0357-21: nobody enables anything for anybody else.
    """
    phone = Phone(server)

    refused = await phone.ask(ENABLE, to="romeo@localhost", node="n", secret="s")

    assert "error" == refused["type"]
    assert "not-allowed" in refused.error.toXml()
