"""
The main job without a server in front: how a real server and pushsvc come to believe each other.
"""

import pytest

from tests.servers.client import Refused
from tests.servers.federation import Federation, assertMeans, needed
from tests.servers.journey import newToken, register
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.server import Server
from tests.servers.rig.ways import Ways

pytestmark = pytest.mark.servers


@pytest.fixture(params=[Prosody, Ejabberd], ids=lambda kind: kind.program)
def kind(request: pytest.FixtureRequest) -> type[Server]:
    """
    Each kind of server in turn, for tests that have one of their own.
    """
    needed(request.param)
    kind: type[Server] = request.param
    return kind


def test_certificatesAreEnough(server: Server, federation: Federation) -> None:
    """
    Where both sides insist on certificates that they trust, SASL EXTERNAL does, both ways.
    """
    position = server.log.position()
    service = federation.service(Ways(strict=True))

    sleepers = federation.sleepers(server, service)
    sleepers.wake("are you there?")
    sleepers.wake("still there?")

    assertMeans(server, service.domain, {"EXTERNAL"}, {"EXTERNAL"}, position)


def test_ourCertificateIsNotTrusted(kind: type[Server], federation: Federation) -> None:
    """
    A server that does not know who signed our certificate asks DNS who we are.
    """
    server = federation.server(kind, Ways(strict=False))
    service = federation.service(Ways(authority=federation.nobody, strict=False))

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"dialback"}, {"EXTERNAL"})


def test_noCertificateIsTrusted(kind: type[Server], federation: Federation) -> None:
    """
    Where nobody knows who signed anybody's certificate, dialback over TLS does, both ways.
    """
    ways = Ways(authority=federation.nobody, strict=False)
    server, service = federation.server(kind, ways), federation.service(ways)

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"dialback"}, {"dialback"})


def test_certificatesOfPublicAuthorities(kind: type[Server], federation: Federation) -> None:
    """
    Certificates that are not good for those who connect, as public authorities issue them now, will do all the same: to
    us, and to Prosody, they are proof; ejabberd wants dialback then.
    """
    ways = Ways(serverOnly=True, strict=kind is Prosody)
    server, service = federation.server(kind, ways), federation.service(ways)

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"EXTERNAL" if kind is Prosody else "dialback"}, {"EXTERNAL"})


def test_TLSComesFirst(kind: type[Server], federation: Federation) -> None:
    """
    Who announces nothing but direct TLS (XEP-0368) is reached by it, both ways.
    """
    server, service = federation.server(kind, Ways(direct=True)), federation.service(Ways(direct=True))

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"EXTERNAL"}, {"EXTERNAL"})


def test_theirStreamIsForBothWays(federation: Federation) -> None:
    """
    With XEP-0288 Prosody's stream carries our answers: we open none.
    """
    needed(Prosody)
    server, service = federation.server(Prosody, Ways(bidi=True)), federation.service(Ways(bidi=True))

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, set(), {"EXTERNAL"})


def test_ourStreamIsForBothWays(federation: Federation) -> None:
    """
    With XEP-0288 the stream that we open, here to say that a device is gone, carries Prosody's requests: it opens none.
    """
    needed(Prosody)
    server, service = federation.server(Prosody, Ways(bidi=True)), federation.service(Ways(bidi=True))
    gone, token = server.account("alice"), newToken()
    phone = federation.phones.online(gone)
    answer = register(phone, service, token)
    phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    phone.logOff()
    federation.fcm.hang()
    federation.phones.online(server.account("bob")).say(gone.jid, "are you there?")
    federation.fcm.push(token)
    service.kill()
    position = server.log.position()
    federation.fcm.unregistered()
    phone = federation.phones.online(gone)

    service.start()
    assert phone.withdrawal() == (answer["node"], gone.jid, "none")
    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"EXTERNAL"}, set(), position)


def test_strictPolicyRefuses(kind: type[Server], federation: Federation) -> None:
    """
    A pushsvc that insists on certificates takes nothing from a server whose certificate it does not trust, and that
    server's users learn that it cannot be reached.
    """
    server = federation.server(kind, Ways(authority=federation.nobody, strict=False))
    service = federation.service(Ways(strict=True))
    phone = federation.phones.online(server.account("alice"))

    with pytest.raises(Refused) as refused:
        register(phone, service, newToken())

    # Those are the server's own words, for dialback that failed.
    assert (refused.value.type, refused.value.condition) == ("wait", "remote-server-timeout")


def test_severalServersAtOnce(prosody: Prosody, ejabberd: Ejabberd, federation: Federation) -> None:
    """
    Users of two servers share one pushsvc, and are woken by messages from the other's.
    """
    service = federation.service()
    ours, theirs = federation.sleepers(prosody, service), federation.sleepers(ejabberd, service)

    ours.wake("from here")
    theirs.wake("from here")
    ours.wake("from there", ejabberd)
    theirs.wake("from there", prosody)


def test_domainsNeedNotBeEnglish(federation: Federation) -> None:
    """
    Domains with letters of their own are found, certified and served.
    """
    needed(Prosody)
    server = federation.server(Prosody, Ways(), "bücher.localtest")
    service = federation.service(Ways(), "weck-büro.localtest")

    federation.sleepers(server, service).wake("wach auf!")
