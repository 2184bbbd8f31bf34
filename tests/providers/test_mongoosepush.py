"""
MongoosePush: where it is, and whether all is well.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.config import ConfigurationError
from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Notification, Priority, Summary
from pushsvc.providers import mongoosepush
from tests.providers.contract import targetOf
from tests.providers.mongoosepushsupport import ENDPOINT, makeMongoosePush, send
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.support import resultOf

SENT = answer(200, b"null")


@pytest.fixture(params=["v3", "v2"])
def provider(request, gateway, clock):
    return makeMongoosePush(httpTo(gateway, clock), clock, api_version=request.param)


def said(sender="romeo@montague.example", body="Hi"):
    summary = Summary(3, lastMessageSender=sender, lastMessageBody=body)
    return Notification(priority=Priority.HIGH, summary=summary)


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, mongoosepush)
    assert "mongoosepush" in kinds.names("providers")


def test_lanes(provider):
    """
    When MongoosePush does not reach the one network, it reaches the other all the same.
    """
    lanes = [provider.lane(targetOf("token-1", service=service)) for service in ("apns", "fcm", "token-2")]

    assert ["chatninja/apns", "chatninja/fcm", "chatninja"] == lanes


def test_check(provider, gateway):
    """
    Checking says nothing, and is understood by whoever knows the schema of this version.
    """
    resultOf(provider.check())

    assert [422] == [request["status"] for request in gateway.requests]
    assert [] == gateway.pushes


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (answer(404, "<html>"), ProviderRefused),
        (answer(401), ProviderRefused),
        (answer(503), ProviderDown),
        (answer(200, b"null"), ProviderDown),
        (answer(200, "<html>"), ProviderDown),
    ],
)
def test_checkFails(clock, response, error):
    """
    Whoever does not know the schema is not MongoosePush.
    """
    with pytest.raises(error):
        resultOf(makeMongoosePush(ScriptedHTTP(response), clock).check())


def test_checkOfAnOlderOne(clock):
    """
    The documentation has 400 for what is 422 in fact.
    """
    resultOf(makeMongoosePush(ScriptedHTTP(answer(400, {"errors": []})), clock).check())


@pytest.mark.parametrize(
    ("endpoint", "why"),
    [("mongoosepush:8443", "not an https or http URL"), ("ftp://x", "endpoint"), ("https://", "endpoint")],
)
def test_endpoints(clock, endpoint, why):
    """
    Where MongoosePush is has to be said.
    """
    with pytest.raises(ValueError, match=why):
        makeMongoosePush(ScriptedHTTP(), clock, endpoint)


def test_noEndpoint(clock):
    """
    There is no MongoosePush that everybody uses.
    """
    options = mongoosepush.Options(provider="mongoosepush")

    with pytest.raises(ValueError, match="endpoint is missing"):
        mongoosepush.makeProvider("chatninja", options, ScriptedHTTP(), clock)


def test_noServices(clock):
    """
    An app on no network at all is a mistake.
    """
    with pytest.raises(ConfigurationError, match="services"):
        makeMongoosePush(ScriptedHTTP(), clock, services=[])


@pytest.mark.parametrize("endpoint", [ENDPOINT, ENDPOINT + "/", "http://10.0.0.7:8443"])
def test_endpointOfItsOwn(clock, endpoint):
    """
    It asks for no credentials, so it may be asked without TLS, in a network of one's own.
    """
    http = ScriptedHTTP(SENT)

    send(makeMongoosePush(http, clock, endpoint), clock)

    assert f"{endpoint.rstrip('/')}/v3/notification/token-1" == http.requests[0].url
