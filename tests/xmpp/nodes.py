"""
What owners and subscribers say, briefly.
"""

import pytest

from pushsvc.xmpp.handlers import makeHandlers
from tests.xmpp.player import Player
from tests.xmpp.test_publish import errorOf
from tests.xmpp.trees import TREE

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = f"{PUBSUB}#owner"
CONFIG = f"{PUBSUB}#node_config"
APP = "app.example.com"
JULIET = "juliet@example.org/phone"
NOT_FOUND = ("cancel", "item-not-found")
FORBIDDEN = ("auth", "forbidden")
NO_NODE = ("modify", "bad-request", "nodeid-required")


def iq(content, sender=APP, to=TREE, type="set", namespace=PUBSUB):
    return f"<iq type='{type}' id='i' from='{sender}' to='{to}'><pubsub xmlns='{namespace}'>{content}</pubsub></iq>"


def form(formType=CONFIG, **fields):
    rows = "".join(
        f"<field var='pubsub#{name}'><value>{value}</value></field>" for name, value in fields.items()
    )
    return f"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{formType}</value></field>{rows}</x>"


class Talk:
    """
    Somebody who says these things.
    """

    def __init__(self, player, to=TREE):
        self.player = player
        self.to = to

    def ask(self, content, sender=APP, type="set", namespace=PUBSUB):
        return self.player.ask(iq(content, sender, self.to, type, namespace))

    def create(self, node="n", sender=APP, type="", **options):
        configure = f"<configure>{form(**options)}</configure>" if options else ""
        kind = f" type='{type}'" if type else ""
        return self.ask(f"<create node='{node}'{kind}/>{configure}", sender)

    def owner(self, content, sender=APP, type="set"):
        return self.ask(content, sender, type, OWNER)

    def configure(self, node="n", sender=APP, **options):
        return self.owner(f"<configure node='{node}'>{form(**options)}</configure>", sender)

    def configuration(self, node="n", sender=APP):
        """
        The fields of the form, by name, each with its value.
        """
        reply = self.owner(f"<configure node='{node}'/>", sender, "get")
        return fieldsOf(reply.pubsub.configure.x)

    def affiliate(self, node="n", sender=APP, **words):
        """
        ``juliet="member"`` is about ``juliet@example.org``.
        """
        people = "".join(
            f"<affiliation jid='{name}@example.org' affiliation='{word}'/>" for name, word in words.items()
        )
        content = f"<affiliations node='{node}'>{people}</affiliations>"
        self.player.send(iq(content, sender, self.to, namespace=OWNER))
        return self.answer()

    def subscribe(self, node="n", sender=APP, jid=None, verb="subscribe", more=""):
        return self.ask(f"<{verb} node='{node}' jid='{jid or sender}'{more}/>", sender)

    def publish(self, node="n", sender=APP, secret=None, item="<item><notification xmlns='urn:xmpp:push:0'/></item>"):
        self.player.send(publishing(node, sender, secret, item, self.to))

    def heard(self):
        """
        All that was said since.
        """
        said = []
        while not self.player.silent:
            said.append(self.player.receive())
        return said

    def answer(self):
        """
        The answer to the request, apart from who else was told.
        """
        (reply,) = [each for each in self.heard() if each.name == "iq"]
        return reply


def publishing(node="n", sender=APP, secret=None, item="<item><notification xmlns='urn:xmpp:push:0'/></item>", to=TREE):
    fields = f"<field var='secret'><value>{secret}</value></field>" if secret is not None else ""
    options = (
        f"<publish-options><x xmlns='jabber:x:data' type='submit'>{fields}</x></publish-options>" if fields else ""
    )
    return iq(f"<publish node='{node}'>{item}</publish>{options}", sender, to)


def fieldsOf(x):
    return {
        field["var"]: next((str(value) for value in field.elements("jabber:x:data", "value")), None)
        for field in x.elements("jabber:x:data", "field")
    }


@pytest.fixture
def talk(player):
    return Talk(player)


def talkOf(hosts, sessions, ongoing, to):
    return Talk(Player(makeHandlers({host.name: host for host in hosts}, sessions, ongoing)), to)


GONE = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def bounce(sender=APP, to=TREE, error=GONE):
    return f"<message type='error' from='{sender}' to='{to}' id='m'>{error}</message>"


def features(player, to=TREE, node=None, sender=APP):
    attribute = f" node='{node}'" if node else ""
    reply = player.ask(
        f"<iq type='get' from='{sender}' to='{to}' id='d'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info'{attribute}/></iq>"
    )
    if reply["type"] == "error":
        return errorOf(reply)
    found = {e["var"].removeprefix(f"{PUBSUB}#") for e in reply.query.elements() if e.name == "feature"}
    return found | {(e["category"], e["type"]) for e in reply.query.elements() if e.name == "identity"}


def isFine(reply):
    return reply["type"] == "result"
