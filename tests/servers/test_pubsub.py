"""
The main job by way of another push service.
"""

import pytest

from tests.servers.federation import Federation
from tests.servers.journey import newToken, register
from tests.servers.phone import Phones
from tests.servers.rig.prosody import Prosody
from tests.servers.waking import Waking

pytestmark = pytest.mark.servers


def test_aPushServiceElsewhereIsTold(
    waking: Waking, federation: Federation, prosody: Prosody, phones: Phones
) -> None:
    """
    A device that another push service knows registers with its jid, node and secret there; a message is published to
    that service, from server to server, and by that service's network it arrives: once.
    """
    elsewhere, token = federation.service(), newToken()
    phone = phones.online(prosody.account("alice"))
    there = register(phone, elsewhere, token)
    phone.logOff()
    waking.app("pubsub", f'services = ["{elsewhere.domain}"]')

    here = waking.sleep("register-push-pubsub", {name: there[name] for name in ("jid", "node", "secret")})
    waking.say("are you there?")
    push = federation.fcm.push(token)

    assert (there["jid"], here["jid"]) == (elsewhere.domain, waking.service.domain)
    assert "are you there?" == push["data"]["last-message-body"]
    assert 1 == len([push for push in federation.fcm.pushes() if push["token"] == token])
    # The other service has to be there until its answer is.
    waking.service.waitUntilDone()
