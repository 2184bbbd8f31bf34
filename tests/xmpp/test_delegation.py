"""
Accounts' requests that their server hands on, on the stream.
"""

import pytest
from zope.interface import implementer

from pushsvc.ipushsvc import IPublisher
from pushsvc.wire.namespaces import NS_COMMANDS, NS_PUSH
from pushsvc.xmpp.delegates import EnablingDelegate
from pushsvc.xmpp.enabling import EnablingRequests
from pushsvc.xmpp.handlers import HandlerParts, makeHandlers
from tests.publisher.conftest import JULIET, House
from tests.support import resultOf
from tests.xmpp.player import Player
from tests.xmpp.world import HOST

NAMESPACES = ["urn:xmpp:delegation:1", "urn:xmpp:delegation:2"]


@pytest.fixture
def house(clock):
    return House(clock)


@pytest.fixture
def publisher(house):
    return house.publisher


@pytest.fixture
def player(world, sessions, ongoing, publisher, clock):
    enabling = EnablingDelegate(EnablingRequests(publisher, clock), publisher, HOST)
    return Player(makeHandlers(world.hosts, sessions, ongoing, "7", HandlerParts(enabling=enabling)))


def asked(
    player,
    content,
    namespace=NAMESPACES[1],
    server="example.org",
    sender=f"{JULIET}/phone",
    type="set",
    to=None,
    host=HOST,
):
    """
    Let a server hand a request on; what stands in its own words, and what the account gets.
    """
    recipient = f" to='{to}'" if to is not None else ""
    reply = player.ask(
        f"<iq type='set' id='outer' from='{server}' to='{host}'><delegation xmlns='{namespace}'><forwarded "
        f"xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='{type}' id='inner' from='{sender}'{recipient}>"
        f"{content}</iq></forwarded></delegation></iq>"
    )
    assert ("outer", server, host) == (reply["id"], reply["to"], reply["from"])
    inner = reply.delegation.forwarded.iq if reply.delegation is not None else None
    return reply, inner


ENABLE = f"<enable xmlns='{NS_PUSH}' jid='push.example.net' node='n1'/>"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_3_enabled(player, house, namespace):
    """
    0355-3: an account enables through its server, and is answered by the same way, in the namespace asked.
    """
    reply, inner = asked(player, ENABLE, namespace)

    assert ("result", namespace) == (reply["type"], reply.delegation.uri)
    assert ("result", "inner", f"{JULIET}/phone", JULIET) == (inner["type"], inner["id"], inner["to"], inner["from"])
    (kept,) = resultOf(house.enablements.ofAccount(JULIET))
    assert ("n1", "phone") == (kept.node, kept.session)


@pytest.mark.parametrize(
    "content, type, condition",
    [
        (f"<enable xmlns='{NS_PUSH}'/>", "set", "bad-request"),
        (ENABLE, "get", "not-allowed"),
        ("", "set", "bad-request"),
        (ENABLE + ENABLE, "set", "bad-request"),
        ("<query xmlns='urn:xmpp:mam:2'/>", "set", "not-allowed"),
        ("<query xmlns='jabber:iq:roster'/>", "set", "not-allowed"),
    ],
)
def test_0355_4_refusedWithin(player, content, type, condition):
    """
    0355-4: whatever an account is told, its server is told that all went well.
    """
    reply, inner = asked(player, content, type=type)

    assert ("result", "error") == (reply["type"], inner["type"])
    assert [condition] == [each.name for each in inner.error.elements()][:1]


@pytest.mark.parametrize(
    "server, sender",
    [
        ("example.net", f"{JULIET}/phone"),
        ("example.net", "juliet@example.net/phone"),
        (JULIET, f"{JULIET}/phone"),
        ("example.org/x", f"{JULIET}/phone"),
        ("push.example.org", "romeo@push.example.org/x"),
    ],
)
def test_0355_5_otherServers(player, house, server, sender):
    """
    0355-5: only a server that we publish for hands on its own accounts' requests, and nobody else's.
    """
    reply, inner = asked(player, ENABLE, server=server, sender=sender)

    assert ("result", "error", "not-allowed") == (reply["type"], inner["type"], inner.error.firstChildElement().name)
    assert not resultOf(house.enablements.ofAccount(JULIET))


def test_0355_5_nothingHandedOn(player):
    """
    0355-5: a server that hands on nothing is told so.
    """
    reply = player.ask(
        f"<iq type='set' id='outer' from='example.org' to='{HOST}'><delegation xmlns='{NAMESPACES[0]}'/></iq>"
    )

    assert "error" == reply["type"]


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("whose", ["", "bare"])
def test_0355_2_0357_11_whatTheyHaveBecauseOfUs(player, namespace, whose):
    """
    0355-2, 0357-11: a server asks what it, and its accounts, can do because of us, and what there is to list.
    """
    node = f"{namespace}:{whose}:{NS_PUSH}"

    info, items = [
        player.ask(
            f"<iq type='get' id='d' from='example.org' to='{HOST}'>"
            f"<query xmlns='http://jabber.org/protocol/disco#{what}' node='{node}'/></iq>"
        )
        for what in ("info", "items")
    ]

    assert ("result", node) == (info["type"], info.query["node"])
    assert [NS_PUSH] == [feature["var"] for feature in info.query.elements()]
    assert ("result", node, []) == (items["type"], items.query["node"], list(items.query.elements()))


def command(node="register-push-demo", content="", **attributes):
    said = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<command xmlns='{NS_COMMANDS}' node='{node}'{said}>{content}</command>"


FORM = "<x xmlns='jabber:x:data' type='submit'><field var='token'><value>{}</value></field></x>"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_3_commands(player, world, namespace):
    """
    0355-3: an account runs a command on its server's domain; it is run as if it had been asked of the host that
    the server delegates to.
    """
    reply, inner = asked(player, command(content=FORM.format("t")), namespace, to="example.org")

    assert ("result", namespace) == (reply["type"], reply.delegation.uri)
    assert ("result", "inner", "example.org") == (inner["type"], inner["id"], inner["from"])
    assert ("completed", "register-push-demo") == (inner.command["status"], inner.command["node"])
    (request,) = world.dialect.requests
    assert (HOST, JULIET, "phone", "t") == (
        request.host,
        request.owner,
        request.resource,
        request.fields.required("token"),
    )


def test_0355_3_commandsInSteps(player, world):
    """
    0355-3: a command that asks for its form goes on when the form comes back, for the same client and nobody else.
    """
    _, first = asked(player, command(), to="example.org")
    going = command(content=FORM.format("t"), sessionid=first.command["sessionid"])

    _, others = asked(player, going, to="example.org", sender="romeo@example.org/phone")
    _, second = asked(player, going, to="example.org")

    assert ("executing", "completed") == (first.command["status"], second.command["status"])
    assert ("error", "bad-request") == (others["type"], others.error.firstChildElement().name)
    assert [JULIET, JULIET] == [request.owner for request in world.dialect.requests]


@pytest.mark.parametrize(
    "content, more, error",
    [
        (command("no-such"), {}, ("cancel", "item-not-found")),
        (command(content=FORM.format("bad")), {}, ("modify", "bad-request")),
        (command("wait"), {}, ("wait", "internal-server-error")),
        (command("list"), {"type": "get"}, ("modify", "bad-request")),
        (f"<list xmlns='{NS_COMMANDS}'/>", {}, ("modify", "bad-request")),
        (command("list"), {"to": None}, ("cancel", "item-not-found")),
        (command("list"), {"to": JULIET}, ("cancel", "item-not-found")),
        (command("list"), {"to": "romeo@example.org"}, ("cancel", "item-not-found")),
        (command("list"), {"to": "example.net"}, ("cancel", "item-not-found")),
        # A host that registers nobody has no commands.
        (command("list"), {"host": "uniform.example.net"}, ("cancel", "item-not-found")),
    ],
)
def test_0355_4_commandsRefused(player, content, more, error):
    """
    0355-4: what is refused of commands is refused to the account, in the words of ad-hoc commands. They are the
    domain's, not accounts'.
    """
    reply, inner = asked(player, content, **{"to": "example.org", **more})

    assert ("result", "error") == (reply["type"], inner["type"])
    assert error == (inner.error["type"], inner.error.firstChildElement().name)


@pytest.mark.parametrize(
    "server, sender, host",
    [
        ("example.org", "juliet@example.net/phone", HOST),
        ("example.net", f"{JULIET}/phone", HOST),
        (JULIET, f"{JULIET}/phone", HOST),
        ("example.org/x", f"{JULIET}/phone", HOST),
        ("sub.example.org", f"{JULIET}/phone", HOST),
        ("example.net", "juliet@example.net/phone", "register.example.net"),
    ],
)
def test_0355_5_commandsOfOthers(player, world, server, sender, host):
    """
    0355-5: a server hands on its own accounts' commands, and nobody else's; and who may run them where they are is a
    matter of that host.
    """
    reply, inner = asked(player, command("list"), server=server, sender=sender, to=server, host=host)

    assert ("result", "error") == (reply["type"], inner["type"])
    assert ("auth", "forbidden") == (inner.error["type"], inner.error.firstChildElement().name)
    assert not world.dialect.requests


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_2_whatCommandsMakeOfAServer(player, namespace):
    """
    0355-2: a server becomes what devices register with; its accounts do not.
    """
    info, items, accounts = [
        player.ask(
            f"<iq type='get' id='d' from='example.org' to='{HOST}'>"
            f"<query xmlns='http://jabber.org/protocol/disco#{what}' node='{namespace}{whose}{NS_COMMANDS}'/></iq>"
        )
        for what, whose in (("info", "::"), ("items", "::"), ("info", ":bare:"))
    ]

    said = [(each.name, each.getAttribute("type") or each["var"]) for each in info.query.elements()]
    assert [("identity", "chatninja"), ("feature", NS_COMMANDS)] == said
    for empty in (items, accounts):
        assert ("result", []) == (empty["type"], list(empty.query.elements()))


@pytest.mark.parametrize("whose", ["::", ":bare:"])
def test_0355_2_noCommands(player, whose):
    """
    0355-2: a host that registers nobody takes no commands: ejabberd, when it is told so, goes on with its own.
    """
    reply = player.ask(
        f"<iq type='get' id='d' from='example.org' to='uniform.example.net'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info' node='{NAMESPACES[0]}{whose}{NS_COMMANDS}'/></iq>"
    )

    assert ("error", "item-not-found") == (reply["type"], reply.error.firstChildElement().name)


class TestAppServerOnly:
    """
    Without a publisher: for servers that have one themselves.
    """

    @pytest.fixture
    def player(self, world, sessions, ongoing):
        return Player(makeHandlers(world.hosts, sessions, ongoing, "7"))

    def test_0355_3_commandsAlone(self, player):
        """
        0355-3: commands are run for whichever server delegates them; push services are its own affair.
        """
        _, run = asked(player, command("list"), to="example.org")
        _, enabled = asked(player, ENABLE)

        assert ("result", "error") == (run["type"], enabled["type"])
        assert ("cancel", "not-allowed") == (enabled.error["type"], enabled.error.firstChildElement().name)


@implementer(IPublisher)
class Broken:
    """
    A publisher with a bug.
    """

    def serves(self, account):
        return True

    async def enable(self, enablement, options=None):
        raise ZeroDivisionError(enablement.service)


class TestBug:
    """
    What becomes of a bug.
    """

    @pytest.fixture
    def publisher(self):
        return Broken()

    def test_0355_4_bugsAreForLater(self, player, loggedFailures):
        """
        0355-4: a bug of ours is told as trouble that passes, is logged, and tells nothing of whom it concerns.
        """
        reply, inner = asked(player, ENABLE)

        assert ("result", "error", "wait") == (reply["type"], inner["type"], inner.error["type"])
        (failure,) = loggedFailures
        assert "push.example.net" not in failure.getTraceback()
        loggedFailures.clear()
