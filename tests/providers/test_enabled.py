"""
Push services that accounts have enabled, as a push network.
"""

from dataclasses import replace

import pytest
from zope.interface import implementer

from pushsvc import errors
from pushsvc.enablement import Enablement
from pushsvc.ipushsvc import IPushService
from pushsvc.model import Target
from pushsvc.providers.enabled import EnabledServices
from tests.providers.contract import NOTIFICATION, ProviderContract
from tests.support import resultOf

DETAILS = {
    "enabled-account": "juliet@example.org",
    "enabled-service": "push.example.net",
    "enabled-node": "node-secret",
}
WHICH = tuple(DETAILS.values())


@implementer(IPushService)
class PushService:
    """
    A push service elsewhere, which says what it is told to.
    """

    def __init__(self):
        self.published = []
        self.says = None

    async def publishFor(self, account, service, node, notification, form, pushId):
        if self.says is not None:
            raise self.says
        self.published.append((account, service, node, notification, form, pushId))


class Outcome:
    """
    Remembers what it was told.
    """

    def __init__(self):
        self.told = []
        self.trouble = None
        self.enabled = Enablement(*WHICH, 1.0, 1.0, form="{}")

    async def find(self, *which):
        known = self.enabled
        return known if known is not None and (known.account, known.service, known.node) == which else None

    async def taken(self, enablement):
        self.told.append(("taken", enablement))
        if self.trouble:
            raise self.trouble

    async def refused(self, enablement):
        self.told.append(("refused", enablement))
        if self.trouble:
            raise self.trouble


SAYS = {
    errors.Throttled: errors.Undisclosed("x"),
    errors.ProviderDown: errors.TryLater("x"),
    errors.Refused: errors.NoSuchNode("x"),
}


@pytest.fixture
def service():
    return PushService()


@pytest.fixture
def outcome():
    return Outcome()


@pytest.fixture
def provider(service, outcome):
    return EnabledServices("publisher", service, outcome)


@pytest.fixture
def target():
    return Target("key", "publisher", "node-secret", DETAILS)


class TestEnabled(ProviderContract):
    """
    It keeps the contract.
    """

    @pytest.fixture
    def arrived(self, service):
        return lambda: [published[-1] for published in service.published]

    @pytest.fixture
    def provoke(self, service, target):
        def provoked(error):
            service.says = SAYS.get(error)
            return target if service.says is not None else None

        return provoked


def test_publishes(provider, service, outcome, target):
    """
    The service is told in the account's name, with its options; what it takes counts.
    """
    resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert [(*WHICH, NOTIFICATION, "{}", "push-1")] == service.published
    assert [("taken", outcome.enabled)] == outcome.told


def test_nobodySaysWhy(provider, service, outcome, target):
    """
    0356-4: where an account's server does not say why it could not publish, it is tried again, nothing counts, and the
    way to the service is not to blame: one dead device must not hold up the others.
    """
    service.says = errors.Undisclosed()

    with pytest.raises(errors.Throttled) as raised:
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert not raised.value.lane
    assert [] == outcome.told


def test_0357_16_disabledMeanwhile(provider, service, outcome, target):
    """
    0357-16: what was disabled, or is to be left alone, since it was to be told is not told any more, and nothing
    counts.
    """
    outcome.enabled = None

    with pytest.raises(errors.Refused):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert [] == service.published == outcome.told


def test_0357_14_enabledAnewMeanwhile(provider, service, outcome, target):
    """
    0357-14: of what was enabled anew the new options are replayed.
    """
    outcome.enabled = replace(outcome.enabled, form='{"new":1}')

    resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert '{"new":1}' == service.published[0][4]


def test_theStorageDoesNotAnswer(provider, service, outcome, target):
    """
    While nobody knows what is enabled, nothing is told, and it is tried again.
    """

    async def busy(*which):
        raise errors.TryLater()

    outcome.find = busy

    with pytest.raises(errors.ProviderDown):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert [] == service.published


def test_withoutANode(provider, service, outcome):
    """
    A service that was enabled without a node is told without one.
    """
    outcome.enabled = replace(outcome.enabled, node="")
    target = Target("key", "publisher", "", {**DETAILS, "enabled-node": ""})

    resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert service.published[0][2] is None


@pytest.mark.parametrize(
    "refusal",
    [errors.NoSuchNode(), errors.WrongSecret(), errors.BadPublish(), errors.Unsupported("x"), errors.RequestError()],
)
def test_PR27_refusalsCount(provider, service, outcome, target, refusal):
    """
    PR-27: every lasting refusal counts, and none of them is the end.
    """
    service.says = refusal

    with pytest.raises(errors.Refused):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert [("refused", outcome.enabled)] == outcome.told


def test_PR27_waitDoesNotCount(provider, service, outcome, target):
    """
    PR-27, TG-3, MIM-30: a service that asks to wait, or does not answer, is asked again, and nothing counts.
    """
    service.says = errors.TryLater()

    with pytest.raises(errors.ProviderDown):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert [] == outcome.told


@pytest.mark.parametrize("says", [None, errors.WrongSecret()])
def test_storageTrouble(provider, service, outcome, target, says):
    """
    What cannot be counted now has been told all the same.
    """
    service.says, outcome.trouble = says, errors.TryLater()

    try:
        assert resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))
    except errors.Refused:
        assert says is not None


def test_lanes(provider, target):
    """
    Each service has a lane of its own, whoever enabled it.
    """
    assert "publisher push.example.net" == provider.lane(target)
