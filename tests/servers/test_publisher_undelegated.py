"""
Where a server cannot delegate: clients enable at pushsvc itself.
"""

from xml.etree.ElementTree import Element

import pytest

from tests.servers import forms
from tests.servers.fcm import Fcm
from tests.servers.journey import newToken, register
from tests.servers.phone import NS_PUBLISH_OPTIONS, NS_PUSH, Phones
from tests.servers.publishing import Publishing
from tests.servers.rig.server import Server

pytestmark = pytest.mark.servers


@pytest.fixture
def server(stockProsody: Server) -> Server:
    """
    What it delegates does not matter here: nobody asks it.
    """
    return stockProsody


def test_enabledAtPushsvc(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    A client that asks pushsvc to enable, and not its server, is woken for what its server reports.
    """
    account, bob, token = server.account("alice"), phones.online(server.account("bob")), newToken()
    alice = phones.online(account)
    answer = register(alice, publishing, token)
    enable = Element(f"{{{NS_PUSH}}}enable", {"jid": answer["jid"], "node": answer["node"]})
    enable.append(forms.submitted({"secret": answer["secret"]}, NS_PUBLISH_OPTIONS))

    alice.request("set", publishing.domain, enable)
    alice.logOff()
    bob.say(account.jid, "are you there?")

    assert "New message" == fcm.push(token)["data"]["last-message-body"]
