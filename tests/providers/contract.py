"""
What every provider promises, whatever its network.
"""

from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from pushsvc import errors
from pushsvc.errors import DeliveryError
from pushsvc.ipushsvc import IProvider
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Target

BODY = "Wherefore art thou?"
SUMMARY = Summary(3, 1, "romeo@montague.example/orchard", BODY, "paris@verona.example")
NOTIFICATION = Notification(priority=Priority.HIGH, summary=SUMMARY)
# What it says under XEP-0357's names, as the push "push-1".
TOLD = {
    "push-id": "push-1",
    "message-count": 3,
    "last-message-sender": "romeo@montague.example/orchard",
    "last-message-body": "Wherefore art thou?",
    "pending-subscription-count": 1,
    "last-subscription-sender": "paris@verona.example",
}
EVERY_ERROR = [
    errors.DeviceGone,
    errors.Throttled,
    errors.ProviderDown,
    errors.ProviderRefused,
    errors.Refused,
    errors.PayloadTooLarge,
    errors.BadRequest,
]
ODD = [
    Notification(),
    Notification(kind=Kind.CALL, priority=Priority.LOW),
    Notification(kind=Kind.CLEAR, summary=Summary()),
    Notification(summary=replace(SUMMARY, lastMessageBody="\ud800 \x00 \U0001f98a")),
    Notification(summary=replace(SUMMARY, lastMessageBody="ü" * 100_000)),
    Notification(summary=replace(SUMMARY, lastMessageSender="x" * 100_000)),
    Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA==" * 10_000, "voip")),
]


class ProviderContract:
    """
    Subclasses have the fixtures ``provider``; ``target`` (its token holds the word secret); ``arrived``, which says the
    push ids that reached the network; and ``provoke``, which takes a class of errors and says the target to which the
    next push fails like that, or None when this network never does.
    """

    def test_interface(self, provider):
        """
        It is an IProvider.
        """
        assert verifyObject(IProvider, provider)

    @pytest_twisted.ensureDeferred
    async def test_delivers(self, provider, target, arrived, clock):
        """
        A notification reaches the network once, under its push id.
        """
        pushId = str(uuid4())

        taken = await provider.send(target, NOTIFICATION, pushId, clock.seconds() + 60)

        assert taken is True
        assert [pushId] == arrived()

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("expected", EVERY_ERROR)
    async def test_says(self, provider, provoke, clock, expected):
        """
        What the network says comes out as the error that means it, and as no other.
        """
        target = provoke(expected)
        if target is None:
            pytest.skip("this network never says so")

        with pytest.raises(DeliveryError) as raised:
            await provider.send(target, NOTIFICATION, str(uuid4()), clock.seconds() + 60)

        assert type(raised.value) is expected

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("notification", ODD, ids=lambda odd: f"odd{ODD.index(odd)}")
    async def test_nothingButDeliveryErrors(self, provider, target, clock, notification):
        """
        Whatever there is to be told, and however late, nothing but DeliveryErrors come out.
        """
        for expires in (clock.seconds() + 60, clock.seconds() - 60, 0.0, 1e12):
            try:
                assert await provider.send(target, notification, str(uuid4()), expires) in (True, False)
            except DeliveryError as e:
                assert not isinstance(e, errors.BadRequest), e

    @pytest_twisted.ensureDeferred
    @pytest.mark.parametrize("expected", [None, *EVERY_ERROR])
    async def test_tellsNoSecrets(self, provider, target, provoke, clock, logEvents, expected):
        """
        Tokens and what people said are in no repr, no log, no error and no lane.
        """
        target = target if expected is None else provoke(expected)
        if target is None:
            pytest.skip("this network never says so")

        said = ""
        try:
            await provider.send(target, NOTIFICATION, str(uuid4()), clock.seconds() + 60)
        except DeliveryError as e:
            said = f"{e!r} {e}"
        everything = said + repr(provider) + provider.lane(target) + repr(logEvents)

        for secret in (target.token, BODY, "romeo", "paris", "PRIVATE KEY"):
            assert secret not in everything

    @pytest_twisted.ensureDeferred
    async def test_givenUp(self, provider, target, clock):
        """
        Who is no longer waited for says nothing but a DeliveryError either.
        """
        sending = Deferred.fromCoroutine(provider.send(target, NOTIFICATION, str(uuid4()), clock.seconds() + 60))
        outcome = sending.addErrback(lambda failure: failure.value)
        sending.cancel()

        result = await outcome
        assert result is True or isinstance(result, DeliveryError)

    @pytest_twisted.ensureDeferred
    async def test_check(self, provider, arrived):
        """
        Asking whether all is well disturbs no device.
        """
        await provider.check()

        assert [] == arrived()


def targetOf(token: str, **details: str) -> Target:
    """
    A device.
    """
    return Target("node", "chatninja", token, details)
