"""
What accounts ask for, and what they are told.
"""

import pytest

from pushsvc.enablement import ContentOptions
from pushsvc.errors import BadForm, BadJID, BadOption, NotAllowed, TryLater, Unsupported
from pushsvc.event import Occasion
from pushsvc.jids import addressOf
from pushsvc.wire.errors import ENABLING, writeError
from pushsvc.wire.namespaces import NS_PUSH
from pushsvc.wire.view import DomishView
from pushsvc.xmpp.enabling import EnablingRequests
from tests.publisher.conftest import JULIET, SERVICE, House, Says
from tests.support import resultOf
from tests.wire.support import view
from tests.wire.test_enabling import SECRET, enable, options

PHONE = f"{JULIET}/phone"


@pytest.fixture
def house(clock):
    return House(clock)


@pytest.fixture
def requests(house, clock):
    return EnablingRequests(house.publisher, clock, ("encrypted", "priority", "default"))


@pytest.fixture
def ask(requests):
    def ask(payload, sender=PHONE, to=None, type="set"):
        return resultOf(requests.answer(type, payload, addressOf(sender), addressOf(to) if to else None))

    return ask


@pytest.fixture
def says():
    return Says()


@pytest.fixture
def enabled(house):
    def enabled():
        return [(each.service, each.node) for each in resultOf(house.enablements.ofAccount(JULIET))]

    return enabled


def disable(jid=SERVICE, node=None):
    said = f" node='{node}'" if node is not None else ""
    return view(f"<disable xmlns='{NS_PUSH}' jid='{jid}'{said}/>")


def test_0357_12_MIM12_enabled(ask, house, enabled, clock):
    """
    0357-12, PR-4: what is enabled is known with its node, its options, the session and the time; the answer is empty.
    """
    assert ask(enable(SECRET)) is None

    (kept,) = resultOf(house.enablements.ofAccount(JULIET))
    assert (SERVICE, "n1", "phone") == (kept.service, kept.node, kept.session)
    assert {"secret": ("s3cret",)} == kept.options
    assert clock.seconds() == kept.enabled == kept.used


def test_0357_12_PR2_withoutANode(ask, enabled):
    """
    0357-12, PR-2, TG-1: who names no node has the service itself, beside its nodes.
    """
    ask(enable(node=None))
    ask(enable())

    assert [(SERVICE, ""), (SERVICE, "n1")] == enabled()


def test_0357_14_MIM16_again(ask, house, enabled):
    """
    0357-14, MIM-16: the same service and node again is the same one, with what was said last.
    """
    ask(enable(SECRET))
    ask(enable(SECRET.replace("s3cret", "other")), sender=f"{JULIET}/tablet")
    ask(enable(SECRET, node="n2"))

    kept = resultOf(house.enablements.ofAccount(JULIET))
    # Each of them is known by its names, whatever their order.
    assert {"n1": ("other",), "n2": ("s3cret",)} == {each.node: each.options["secret"] for each in kept}
    assert {"n1": "tablet", "n2": "phone"} == {each.node: each.session for each in kept}


@pytest.mark.parametrize("to", [None, JULIET, "example.org"])
def test_0357_21_MIM12_whomTheyAsk(ask, enabled, to):
    """
    0357-21, MIM-12, PR-1: an account asks itself or its server.
    """
    ask(enable(), to=to)

    assert [(SERVICE, "n1")] == enabled()


@pytest.mark.parametrize(
    "sender, to",
    [
        (PHONE, "romeo@example.org"),
        (PHONE, "example.net"),
        (PHONE, f"{JULIET}/phone"),
        ("example.org", None),
        ("juliet@example.net/phone", None),
    ],
)
def test_0357_21_otherAccounts(ask, house, sender, to):
    """
    0357-21: nobody enables anything for anybody else, and accounts of other servers nothing at all.
    """
    for payload in (enable(), disable()):
        with pytest.raises(NotAllowed):
            ask(payload, sender=sender, to=to)


@pytest.mark.parametrize("type", ["get", "result", "error", ""])
def test_0357_22_MP38_MIM13_EJ1_get(ask, enabled, type):
    """
    0357-22, MP-38, MIM-13, EJ-1: there is nothing to get.
    """
    with pytest.raises(NotAllowed):
        ask(enable(), type=type)
    with pytest.raises(NotAllowed):
        ask(view(f"<other xmlns='{NS_PUSH}'/>"))

    assert [] == enabled()


def test_PR1_theClientItself(ask):
    """
    PR-1: a client is no push service of its own.
    """
    with pytest.raises(BadForm):
        ask(enable(jid=PHONE))


@pytest.mark.parametrize(
    "payload, error, said",
    [
        (enable(jid=None), BadForm, "modify/bad-request"),
        (disable(jid=""), BadForm, "modify/bad-request"),
        (enable(jid="@"), BadJID, "modify/jid-malformed"),
        (enable(options(("include-senders", "", "maybe"))), BadOption, "modify/not-acceptable"),
        (
            enable("<encrypt xmlns='tigase:push:encrypt:0' alg='rot13'/>"),
            Unsupported,
            "modify/feature-not-implemented",
        ),
    ],
)
def test_MP38_MP45_PR1_howTheyAreRefused(ask, enabled, payload, error, said):
    """
    MP-38, MP-45, PR-1, PR-30: a refusal says whose fault it is, and nothing is kept.
    """
    with pytest.raises(error) as raised:
        ask(payload)

    written = DomishView(writeError(raised.value, ENABLING))
    assert said == f"{written.attribute('type')}/{written.elements()[0].name}"
    assert [] == enabled()


def test_howTheOthersAreRefused():
    """
    MP-38, PR-7: what is not the account's affair is not allowed, and trouble of ours is for later.
    """
    written = [DomishView(writeError(error, ENABLING)) for error in (NotAllowed("no"), TryLater("disk"))]

    assert [("cancel", "not-allowed"), ("wait", "internal-server-error")] == [
        (each.attribute("type"), each.elements()[0].name) for each in written
    ]


def test_0357_15_MIM18_MP48_disabled(ask, enabled):
    """
    0357-15, MIM-18, MP-48, PR-8: one node, or all of a service, from whichever session; others stay.
    """
    for node in (None, "n1", "n2", "n3"):
        ask(enable(node=node))
    ask(enable(jid="other.example.net"))

    assert ask(disable(node="n1"), sender=f"{JULIET}/tablet") is None
    assert [(SERVICE, ""), (SERVICE, "n2"), (SERVICE, "n3"), ("other.example.net", "n1")] == enabled()
    ask(disable(node=""))
    assert [(SERVICE, "n2"), (SERVICE, "n3"), ("other.example.net", "n1")] == enabled()
    ask(disable())
    assert [("other.example.net", "n1")] == enabled()


def test_0357_15_MIM18_PR8_nothingToDisable(ask):
    """
    0357-15, MIM-18, PR-8: who disables what there is not has what he wants.
    """
    assert ask(disable(node="n1")) is None
    assert ask(disable()) is None


def test_PR8_MIM19_nobodyIsLinkedAnyMore(ask, house, says):
    """
    PR-8, MIM-19: what is disabled is disabled for every session.
    """
    ask(enable())
    ask(disable(), sender=f"{JULIET}/tablet")

    house.happens(Occasion.HIBERNATED, says.message(), session="phone")

    assert [] == house.told


def test_MP44_MP47_optionsTheFirstTime(ask, house):
    """
    MP-44, MP-47: the first time an account has the say, and is told what was accepted.
    """
    answer = DomishView(ask(enable(options(("include-senders", "", "1"), ("include-message-count", "", "false")))))

    (x,) = answer.elements()
    assert ("enable", NS_PUSH, "result") == (answer.name, answer.uri, x.attribute("type"))
    said = dict(x.rows("jabber:x:data", "field", "var", "value"))
    assert {"include-senders": ("1",), "include-message-count": ("0",)} == {
        name: values for name, values in said.items() if name != "FORM_TYPE"
    }
    assert ContentOptions(True, False, True, False) == resultOf(house.publisher.options(JULIET))


def test_MP46_MP47_0357_20_optionsLater(ask, house):
    """
    MP-46, MP-47, 0357-20: later an option can be switched off and not on; what is not accepted is not in the answer.
    """
    ask(enable(options(("include-senders", "", "1"))))

    answer = ask(enable(options(("include-senders", "", "0"), ("include-message-bodies", "", "1")), node="n2"))

    assert b"include-senders" in answer.toXml().encode()
    assert "include-message-bodies" not in answer.toXml()
    assert ContentOptions(False, True, True, False) == resultOf(house.publisher.options(JULIET))


def test_MP46_nothingAccepted(ask):
    """
    MP-46, MP-47: where nothing was accepted the answer is empty.
    """
    ask(enable())

    assert ask(enable(options(("include-message-bodies", "", "1")))) is None


def test_0357_11_PR9_features(requests, house, clock):
    """
    0357-11, PR-9, PR-30: an account has the feature, and those of the policies that are in use.
    """
    assert (NS_PUSH,) == EnablingRequests(house.publisher, clock).features
    assert NS_PUSH == requests.features[0]
    assert {"tigase:push:encrypt:0", "tigase:push:priority:0"} < set(requests.features)
    assert not any("filter" in feature for feature in requests.features)


def test_MP53_whoSeesTheOptions(requests, ask):
    """
    MP-53: an account is shown what holds for it, and nobody else is.
    """
    ask(enable(options(("include-senders", "", "1"))))

    shown = resultOf(requests.options(JULIET, JULIET))

    assert "include-senders" in shown.toXml()
    assert resultOf(requests.options("romeo@example.org", JULIET)) is None
    assert resultOf(requests.options("juliet@example.net", "juliet@example.net")) is None
