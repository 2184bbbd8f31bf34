"""
Huawei Push Kit: who registers, what becomes of what Huawei does not take, and whether all is well.
"""

import json

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.apps import App
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.dismissals import SUSPICIOUS
from pushsvc.errors import BadForm, ProviderDown, ProviderRefused
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IForms, IProviderKind
from pushsvc.model import Notification, Waiting
from pushsvc.providers import huawei
from tests.providers.contract import targetOf
from tests.providers.huaweisupport import ALL, GRANTED, SENT, makeHuawei, send, tableOf
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.huawei import says
from tests.support import resultOf


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, huawei)
    assert "huawei" in kinds.names("providers")


def test_register(huaweiApp):
    """
    A device registers with its token.
    """
    assert ("token-1", {}) == huaweiApp().readTarget(Fields({"token": (" token-1 ",)}))
    assert not huaweiApp().speaksFor(Fields({"topic": ("a",)}))
    assert "chatninja" == huaweiApp().lane(targetOf("token-1"))


def test_form(huaweiApp):
    """
    Whoever asks is told what there is to say.
    """
    assert verifyObject(IForms, huaweiApp())
    assert {} == huaweiApp().facts()
    assert [("token", True)] == [(field.var, field.required) for field in huaweiApp().form()]


@pytest.mark.parametrize("fields", [{}, {"token": ("",)}, {"token": ("a", "b")}, {"token": ("a\nb",)}])
def test_registerRefuses(huaweiApp, fields):
    """
    What cannot be a token is told to who registers, not to Huawei.
    """
    with pytest.raises(BadForm):
        huaweiApp().readTarget(Fields(fields))


class Forgotten:
    """
    What is told of devices that are gone.
    """

    def __init__(self):
        self.tokens = []

    async def gone(self, target, since):
        self.tokens.append(target.token)


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_wrongAppForgetsFew(huaweiApp, clock, version, logEvents):
    """
    80300007: to another app's credentials every token is invalid; after the first few nobody is believed to be gone,
    and the operator is told.
    """
    forgotten = Forgotten()
    app = App("chatninja", "chatninja", "huawei", huaweiApp(version), "push.example.org", "push.example.org")
    attempts = Attempts({"chatninja": app}, forgotten, clock)

    verdicts = []
    for number in range(50):
        target = targetOf(f"moved-{number}")
        waiting = Waiting(target, Notification(), "push-1", "chatninja", clock.seconds() + 60, clock.seconds())
        verdicts.append(resultOf(attempts.attempt(waiting)).word)

    assert ["gone"] * (SUSPICIOUS - 1) == verdicts[: SUSPICIOUS - 1]
    assert {"doubted"} == set(verdicts[SUSPICIOUS - 1 :])
    assert SUSPICIOUS - 1 == len(forgotten.tokens)
    assert any("disowns most devices" in event["log_format"] for event in logEvents if "log_format" in event)


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("code", ["80100016", "80100018"])
def test_whatHuaweiDoesNotLikeToRead(huaweiApp, huawei, clock, version, code):
    """
    When Huawei withholds a push for what somebody wrote, the phone is woken without it.
    """
    huawei.script.append(says(code, "sensitive"))

    assert send(huaweiApp(version), clock)

    assert {"push-id", "message-count", "pending-subscription-count"} == set(huawei.pushes[0]["data"])


@pytest.mark.parametrize("version", ALL)
def test_whatHuaweiDoesNotLikeAtAll(huaweiApp, huawei, clock, version):
    """
    What is withheld although it tells nothing will not be delivered, and the device is none the worse for it.
    """
    huawei.script += [says("80100016")] * 3

    assert send(huaweiApp(version), clock, Notification()) is False
    assert send(huaweiApp(version), clock) is False
    assert [] == huawei.pushes == huawei.script


@pytest.mark.parametrize("version", ALL)
def test_check(huaweiApp, huawei, version):
    """
    Checking asks for a device that there cannot be; nobody is disturbed.
    """
    resultOf(huaweiApp(version).check())

    assert [] == huawei.pushes
    sent = huawei.requests[-1]
    assert "nobody" in json.dumps(sent["body"])
    assert sent["headers"]["push-type"] == "6" if version == "v3" else sent["body"]["validate_only"] is True


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (answer(200, says("80200001")["body"]), ProviderRefused),
        (answer(200, says("80300002")["body"]), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(502), ProviderDown),
        (TimedOut("no answer in time"), ProviderDown),
        (NotTrusted("the certificate is not trusted"), ProviderRefused),
    ],
)
@pytest.mark.parametrize("version", ALL)
def test_checkFails(huaweiAccountFile, clock, version, last, error):
    """
    Checking tells credentials that are not taken from a network that is down.
    """
    http = ScriptedHTTP(*([] if version == "v3" else [GRANTED]), last)

    with pytest.raises(error):
        resultOf(makeHuawei(tableOf(version, huaweiAccountFile), http, clock).check())


def test_checkSucceedsAnyway(huaweiAccountFile, clock):
    """
    Should Huawei take the impossible device for one, the credentials are right all the same.
    """
    resultOf(makeHuawei(tableOf("v3", huaweiAccountFile), ScriptedHTTP(SENT), clock).check())
