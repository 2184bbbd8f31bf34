"""
A push network without a network.
"""

import json

import pytest
from twisted.internet.defer import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc import errors
from pushsvc.config import build
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Kind, Notification, Summary
from pushsvc.providers import demo
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.standins.http import ScriptedHTTP
from tests.support import resultOf

WORDS = {
    errors.DeviceGone: "gone",
    errors.Throttled: "throttled",
    errors.ProviderDown: "down",
    errors.ProviderRefused: "provider-refused",
    errors.Refused: "refused",
    errors.PayloadTooLarge: "too-large",
    errors.BadRequest: "bad-request",
}


@pytest.fixture
def provider(clock):
    return demo.makeProvider("chatninja", build(demo.Options, {"provider": "demo"}, "apps.x"), ScriptedHTTP(), clock)


class TestDemo(ProviderContract):
    """
    The demo network keeps the contract.
    """

    @pytest.fixture
    def target(self):
        return targetOf("secret-token")

    @pytest.fixture
    def arrived(self, provider):
        return lambda: [delivered.pushId for delivered in provider.delivered]

    @pytest.fixture
    def provoke(self):
        return lambda error: targetOf(f"fail:{WORDS[error]}::secret")


def send(provider, token, notification=NOTIFICATION, pushId="push-1"):
    return resultOf(provider.send(targetOf(token), notification, pushId, 0.0))


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, demo)


def test_deliveriesAreRemembered(provider):
    """
    What a device was woken with can be looked at, and waited for.
    """
    awaited = provider.awaitDelivery()
    heard = []
    provider.onDelivery = heard.append

    send(provider, "phone")

    delivered = resultOf(awaited)
    assert (targetOf("phone"), NOTIFICATION, "push-1") == delivered
    assert [delivered] == heard == list(provider.delivered)


def test_MP31_shown(provider):
    """
    MP-31: what the phone gets has the names of XEP-0357's summary, counts as numbers, and nothing that is unknown.
    """
    summary = Summary(messageCount=3, lastMessageBody="Hi")

    shown = json.loads(provider.shown(targetOf("phone"), Notification(kind=Kind.CALL, summary=summary)))

    assert {"kind": "call", "message-count": 3, "last-message-body": "Hi"} == shown


def test_theLogSaysHowMuch(provider, logEvents):
    """
    The log says that a device was woken and how much is waiting, but not what.
    """
    send(provider, "phone")

    line = logEvents[-1]["log_format"].format(**logEvents[-1])
    assert "chatninja: push push-1: message, priority high, message-count 3, pending-subscription-count 1" == line


def test_failsSoOften(provider):
    """
    A token can ask for trouble that passes.
    """
    for _ in range(2):
        with pytest.raises(errors.ProviderDown):
            send(provider, "fail:down:2:phone")

    assert send(provider, "fail:down:2:phone")
    assert 1 == len(provider.delivered)


def test_tooLargeUntilNothingIsLeft(provider):
    """
    A push that is too large gets through once nothing can be left out any more.
    """
    smaller = NOTIFICATION
    while smaller.smaller() is not None:
        with pytest.raises(errors.PayloadTooLarge):
            send(provider, "fail:too-large", smaller)
        smaller = smaller.smaller()

    assert send(provider, "fail:too-large", smaller)


def test_discarded(provider):
    """
    A network may take a push only to drop it.
    """
    assert send(provider, "fail:discarded") is False
    assert [] == list(provider.delivered)


def test_slow(provider, clock):
    """
    A network may take its time.
    """
    sending = ensureDeferred(provider.send(targetOf("fail:slow"), NOTIFICATION, "push-1", 0.0))
    assert not sending.called

    clock.advance(demo.SLOW)

    assert resultOf(sending)


def test_readTarget(provider):
    """
    A device of the demo network has a token.
    """
    assert ("abc", {}) == provider.readTarget(Fields({"token": ("abc",)}))
    for wrong in ({}, {"token": ("a", "b")}, {"token": ("a\nb",)}, {"token": ("x" * 4097,)}):
        with pytest.raises(errors.BadForm):
            provider.readTarget(Fields(wrong))
