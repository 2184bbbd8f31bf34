"""
Devices register at their server's own domain, where the server delegates ad-hoc commands to pushsvc.
"""

from collections.abc import Iterator

import pytest

from tests.servers.client import Refused
from tests.servers.conftest import COMPONENT_SECRET, needed
from tests.servers.fcm import Fcm
from tests.servers.forms import NS_COMMANDS
from tests.servers.journey import newToken
from tests.servers.phone import NS_PUSH, Phone, Phones
from tests.servers.publishing import Publishing
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.handover import Handover
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Account, Server
from tests.servers.rig.waiting import waitFor

pytestmark = pytest.mark.servers

SERVERS = {
    "prosody": (Prosody, Handover(commands=True)),
    "stock-prosody": (Prosody, Handover(reports="stock", commands=True)),
    "ejabberd": (Ejabberd, Handover(commands=True)),
}


GONE, AWAY = "cancel/item-not-found", "cancel/service-unavailable"


@pytest.fixture(scope="module", params=list(SERVERS))
def server(rig: Rig, request: pytest.FixtureRequest) -> Iterator[Server]:
    """
    Each server in turn that delegates its commands.
    """
    kind, handover = SERVERS[request.param]
    needed(kind)
    domain = f"commanding-{request.param}.localtest"
    server: Server = rig.server(kind, domain, {f"push.{domain}": COMPONENT_SECRET}, handover=handover)
    yield server
    server.stop()


@pytest.fixture
def account(server: Server) -> Account:
    """
    Somebody on it.
    """
    return server.account("alice")


@pytest.fixture
def alice(server: Server, publishing: Publishing, phones: Phones, account: Account) -> Phone:
    """
    A phone, when the server has learned from pushsvc what it has because of it: from then on it delegates.
    """
    phone = phones.online(account)
    publishing.log.waitFor("has commands on its domain run by us")
    waitFor(lambda: ("app-server", "chat") in phone.identities(server.domain), "commands are delegated")
    waitFor(lambda: NS_PUSH in phone.features(account.jid), "push services are delegated")
    return phone


def test_0355_3_ownServerIsEnough(
    server: Server, publishing: Publishing, account: Account, alice: Phone, phones: Phones, fcm: Fcm
) -> None:
    """
    0355-3: a phone registers with its own server, enables what it was answered, sleeps and is woken; and its
    registration is listed and ended there, by nobody else. The same is seen at pushsvc's own domain.
    """
    bob, token = phones.online(server.account("bob")), newToken()

    def listed(phone: Phone, at: str) -> list[list[str]]:
        return [row["node"] for row in phone.command(at, "list-push-registrations").items]

    answer = alice.command(server.domain, "register-push-fcm", {"token": token, "device-id": "phone"})
    alice.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    alice.logOff()
    bob.say(account.jid, "are you there?")
    push = fcm.push(token)
    bob.command(server.domain, "unregister-push", {"nodes": [answer["node"]]})
    back = phones.online(account)
    own = [*listed(back, server.domain), *listed(back, publishing.domain)]
    ended = back.command(server.domain, "unregister-push", {"device-id": "phone"})

    assert ("New message", publishing.domain) == (push["data"]["last-message-body"], answer["jid"])
    assert ([[answer["node"]]] * 2, []) == (own, listed(bob, server.domain))
    assert ("completed", [], []) == (ended.status, listed(back, server.domain), listed(back, publishing.domain))


def test_0355_2_registerHost(server: Server, account: Account, alice: Phone) -> None:
    """
    0355-2: clients find the app at their server; accounts are no register hosts. Prosody with our module keeps its own
    commands, and lists ours beside them. Otherwise the namespace goes as a whole: a server lists what it has, which
    nobody can run any more.
    """
    listed = alice.commands(server.domain)

    assert {("app-server", "chat"), ("server", "im")} <= set(alice.identities(server.domain))
    assert 1 == alice.features(server.domain).count(NS_COMMANDS)
    assert not [each for each in alice.identities(account.jid) if each[0] == "app-server"]
    assert (True, keepsItsOwn(server)) == (itsOwn(server) in listed, "register-push-fcm" in listed)
    assert ("" if keepsItsOwn(server) else GONE) == refusal(alice, server.domain, itsOwn(server))
    assert [GONE, GONE] == [
        refusal(alice, server.domain, "register-push-pigeon"),
        refusal(alice, account.jid, "register-push-fcm"),
    ]


def test_0355_3_whilePushsvcIsAway(server: Server, publishing: Publishing, alice: Phone) -> None:
    """
    0355-3: while pushsvc is away nobody runs its commands, and the server says so at once; when it is back they go on.
    """
    position = server.log.position()
    publishing.stop()
    # What a server sends before it has noticed is lost.
    if isinstance(server, Ejabberd):
        waitFor(lambda: ("app-server", "chat") not in alice.identities(server.domain), "it is away")
    else:
        server.log.waitFor("component disconnected", position)

    refused = [refusal(alice, server.domain, command) for command in ("register-push-fcm", itsOwn(server))]
    listed = alice.commands(server.domain)
    publishing.start()
    waitFor(lambda: not refusal(alice, server.domain, "list-push-registrations"), "it is back")

    assert [AWAY, "" if keepsItsOwn(server) else AWAY] == refused
    assert (True, False) == (itsOwn(server) in listed, "register-push-fcm" in listed)


def itsOwn(server: Server) -> str:
    """
    A command that the server has itself.
    """
    return "ping" if isinstance(server, Ejabberd) else "uptime"


def keepsItsOwn(server: Server) -> bool:
    """
    Whether its own commands come before ours.
    """
    assert server.handover is not None
    return isinstance(server, Prosody) and server.handover.reports == "module"


def refusal(phone: Phone, to: str, command: str) -> str:
    """
    Why a command is not run; empty: it is.
    """
    try:
        phone.command(to, command)
    except Refused as e:
        return f"{e.type}/{e.condition}"
    return ""
