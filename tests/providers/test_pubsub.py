"""
Push services elsewhere as a push network.
"""

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from pushsvc import errors
from pushsvc.config import ConfigurationError, build
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind, IPushService, IRelaying
from pushsvc.model import Notification
from pushsvc.providers import pubsub
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.standins.http import ScriptedHTTP
from tests.support import resultOf

SERVICE = "push.example.org"


@implementer(IPushService)
class PushService:
    """
    A push service elsewhere, which says what it is told to.
    """

    def __init__(self):
        self.published = []
        self.says = None

    async def publish(self, sender, service, node, notification, options, pushId):
        if self.says is not None:
            raise self.says
        self.published.append((sender, service, node, notification, options, pushId))


SAYS = {
    errors.DeviceGone: errors.NoSuchNode("x"),
    errors.ProviderDown: errors.TryLater("x"),
    errors.Refused: errors.WrongSecret("x"),
}


@pytest.fixture
def service():
    return PushService()


def make(clock, **keys):
    keys = {"provider": "pubsub", "services": [SERVICE], **keys}
    return pubsub.makeProvider("elsewhere", build(pubsub.Options, keys, "apps.elsewhere"), ScriptedHTTP(), clock)


@pytest.fixture
def provider(service, clock):
    provider = make(clock)
    provider.publishBy(service, "push.example.net")
    return provider


@pytest.fixture
def target():
    return targetOf("node-secret", jid=SERVICE, secret="s3cret")


class TestPubsub(ProviderContract):
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


def test_kind(provider):
    """
    The module is a provider kind, and what it makes says by what it wants to publish.
    """
    assert verifyObject(IProviderKind, pubsub)
    assert verifyObject(IRelaying, provider)


def test_publishes(provider, service, target):
    """
    What is pushed is published from our host to the device's node, with the secret that the service gave.
    """
    resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    expected = "push.example.net", SERVICE, "node-secret", NOTIFICATION, {"secret": ("s3cret",)}, "push-1"
    assert [expected] == service.published


def test_withoutASecret(provider, service):
    """
    Services that give none get none.
    """
    resultOf(provider.send(targetOf("node", jid=SERVICE), Notification(), "push-1", 0.0))

    assert {} == service.published[0][4]


@pytest.mark.parametrize(
    "refusal",
    [
        errors.NotAllowed(),
        errors.WrongSecret(),
        errors.BadPublish(),
        errors.PreconditionNotMet(),
        errors.Unsupported("publish"),
        errors.RequestError(),
    ],
)
def test_noIsNotGone(provider, service, target, refusal):
    """
    Only a service that does not know the node says that the device is gone: no other refusal may cost it its
    registration.
    """
    service.says = refusal

    with pytest.raises(errors.Refused):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))


def test_whatWasPublishedMayHaveArrived(provider, service, target):
    """
    A service that asks to wait, or whose answer is lost, may have taken it all the same.
    """
    service.says = errors.TryLater()

    with pytest.raises(errors.ProviderDown) as raised:
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))

    assert raised.value.maybeSent


def test_noLoops(service, clock):
    """
    We are none of the services to which we publish, whatever the configuration says: a node that names itself would be
    published to for ever.
    """
    provider = make(clock, services=[SERVICE, "push.example.net"])
    provider.publishBy(service, "push.example.net")

    with pytest.raises(errors.BadForm, match="jid"):
        provider.readTarget(Fields({"jid": ("push.example.net",), "node": ("n",)}))
    with pytest.raises(errors.Refused):
        resultOf(provider.send(targetOf("node", jid="push.example.net"), NOTIFICATION, "push-1", 0.0))
    assert [] == service.published


def test_readTarget(provider):
    """
    A device says which service, which node and which secret.
    """
    fields = {"jid": (" Push.Example.org ",), "node": ("n",), "secret": ("s",)}

    assert ("n", {"jid": SERVICE, "secret": "s"}) == provider.readTarget(Fields(fields))
    assert ("n", {"jid": SERVICE}) == provider.readTarget(Fields({**fields, "secret": ()}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"jid": ()},
        {"jid": ("a@@b",)},
        {"jid": ("victim.example",)},
        {"jid": ("push.example.org.victim.example",)},
        {"jid": (SERVICE, SERVICE)},
        {"node": ()},
        {"node": ("a\nb",)},
        {"secret": ("a", "b")},
        {"secret": ("s" * 5000,)},
    ],
)
def test_noReflector(provider, wrong):
    """
    We publish to the services that the operator lists, and to nobody else; nor to what makes no sense.
    """
    with pytest.raises(errors.BadForm):
        provider.readTarget(Fields({"jid": (SERVICE,), "node": ("n",), "secret": ("s",), **wrong}))


def test_aServiceThatIsNoLongerListed(service, clock, target):
    """
    A device whose service the operator has taken out is not published for, and not forgotten.
    """
    provider = make(clock, services=["other.example"])
    provider.publishBy(service, "push.example.net")

    with pytest.raises(errors.Refused):
        resultOf(provider.send(target, NOTIFICATION, "push-1", 0.0))
    assert [] == service.published


def test_lanes(provider, target):
    """
    Each service has a lane of its own: one that does not answer delays no other.
    """
    other = targetOf("n", jid="other.example")

    assert "elsewhere push.example.org" == provider.lane(target)
    assert provider.lane(other) != provider.lane(target)
    assert provider.lane(targetOf("n", jid="user@push.example.org/x")) == provider.lane(target)


def test_theAppIsRecognisedByItsServices(provider):
    """
    Several apps may share a host: the service says which one is meant.
    """
    assert provider.speaksFor(Fields({"jid": (SERVICE,)}))
    assert not provider.speaksFor(Fields({"jid": ("other.example",)}))
    assert not provider.speaksFor(Fields({}))


@pytest.mark.parametrize("services", [[], ["a@b.example"], ["b.example/x"], [""]])
def test_servicesAreDomains(clock, services):
    """
    Without services, or with something else in their place, it does not start.
    """
    with pytest.raises((ValueError, ConfigurationError), match="services"):
        make(clock, services=services)


def test_notInTheRunningService(clock, target):
    """
    Who is not told by what to publish says so, and waits.
    """
    with pytest.raises(errors.ProviderDown) as raised:
        resultOf(make(clock).send(target, NOTIFICATION, "push-1", 0.0))

    assert not raised.value.maybeSent
