"""
What every provider promises when its network is at the other end of a socket; see ``conftest`` for what is there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc.errors import DeliveryError, ProviderDown, ProviderRefused
from pushsvc.guard import allowing
from pushsvc.model import Target
from tests.httpclient.servers import cuts, isMute, says, saysAndCloses
from tests.providers.contract import BODY, NOTIFICATION, ProviderContract

# Whose certificate a network shows.
ITS_OWN, ANOTHER_HOST, ANOTHER_CA = "its own", "another host's", "another CA's"
# Who is there instead of a network.
NOBODY = "nobody"
# With the seconds that one waits for it.
GARBAGE = {
    "cut": (cuts, 5.0),
    "mute": (isMute, 0.2),
    "ssh": (saysAndCloses(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), 5.0),
    "endless": (says(b"HTTP/1.1 503 No\r\n\r\n" + b"x" * 100_000), 5.0),
    "half": (saysAndCloses(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), 5.0),
}
# Where devices name the server, the stand-ins are allowed by name, and nothing else is.
ALLOWED = "https://localhost:*"
GUARD = allowing((ALLOWED,))
SHORT = 1.5


def push(provider, target):
    """
    Push, and look at what becomes of it.
    """
    return provider.send(target, NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


def whereWeDoNotGo(network, target):
    """
    The same device at an address in our own network.
    """
    return replace(target, token=target.token.replace("localhost", "127.0.0.1"))


class NetworkContract(ProviderContract):
    """
    Subclasses have what they have for the whole contract. Here the provider waits for as long as ``patience`` says, and
    what it meets is out of the stand-in's ``script``.

    :cvar answers: what the network answers, by the error that it means.
    :cvar otherwise: what else has to be so for an error; takes the stand-in and a device, and gives the device for it.
    :cvar never: errors that this network has no answer for.
    :cvar distrusted: what it is called when a network cannot prove who it is: an alarm where the operator named it.
    """

    answers: Mapping[type[DeliveryError], Any] = {}
    otherwise: Mapping[type[DeliveryError], Callable[[Any, Target], Target]] = {}
    never: Collection[type[DeliveryError]] = ()
    distrusted: type[DeliveryError] = ProviderRefused

    @pytest.fixture
    def provoke(self, network, target):
        def provoke(error):
            if error in self.never:
                return None
            if error in self.otherwise:
                return self.otherwise[error](network, target)
            network.script.append(self.answers[error])
            return target

        return provoke

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}], ids=str)
    async def test_MP69_lostAnswers(self, provider, target, network, trouble):
        """
        MP-69: an answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one
        finds its way.
        """
        assert await push(provider, target)
        # Twice: a kept connection that is cut is reason enough to try once more at once.
        network.script += [trouble] * (2 if trouble.get("reset") is True else 1)
        provider._deadline, patience = SHORT if "hang" in trouble else provider._deadline, provider._deadline

        with pytest.raises(ProviderDown) as raised:
            await push(provider, target)

        assert raised.value.maybeSent
        assert [] == network.script
        provider._deadline = patience
        assert await push(provider, target)

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("url", [NOBODY], indirect=True)
    async def test_nobodyThere(self, provider, target):
        """
        When nobody listens, it is certain that nothing was sent.
        """
        with pytest.raises(ProviderDown) as raised:
            await push(provider, target)

        assert not raised.value.maybeSent

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize(("url", "patience"), GARBAGE.values(), ids=GARBAGE, indirect=True)
    async def test_garbage(self, provider, target):
        """
        Whatever is at the other end instead of the network, it is nobody's fault.
        """
        with pytest.raises(ProviderDown):
            await push(provider, target)

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("certificate", [ANOTHER_CA, ANOTHER_HOST], indirect=True)
    async def test_MP74_somebodyElse(self, provider, target, network):
        """
        MP-74: somebody who cannot prove to be the network gets neither credentials nor a push; it is said why, and
        nothing of the push.
        """
        with pytest.raises(self.distrusted, match="certificate") as raised:
            await push(provider, target)

        assert type(raised.value) is self.distrusted
        assert not getattr(raised.value, "maybeSent", False)
        assert BODY not in str(raised.value)
        assert [] == network.requests


class AccessTokenContract(NetworkContract):
    """
    The same for networks that are spoken to under an access token, which is asked for where they are.
    """

    @pytest.fixture
    def tokenPath(self):
        """
        How the path of the token endpoint ends.
        """
        return "/token"

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize(
        ("trouble", "patience"),
        [({"reset": True}, 5.0), ({"hang": True}, 1.0), ({"status": 503}, 5.0), ({"text": "<html>"}, 5.0)],
        ids=str,
        indirect=["patience"],
    )
    async def test_lostToken(self, provider, target, network, arrived, tokenPath, trouble, patience):
        """
        While there is no access token, nothing of the push has been sent.
        """
        network.script.append({"path": tokenPath, **trouble})

        with pytest.raises(ProviderDown) as raised:
            await push(provider, target)

        assert not raised.value.maybeSent
        assert [] == arrived() == network.script
        assert await push(provider, target)
