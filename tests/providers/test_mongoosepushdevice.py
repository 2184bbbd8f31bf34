"""
MongoosePush: how a device says what it wants.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IForms
from tests.providers.mongoosepushsupport import FCM, makeMongoosePush, send
from tests.standins.http import ScriptedHTTP, httpTo


@pytest.fixture(params=["v3", "v2"])
def provider(request, gateway, clock):
    return makeMongoosePush(httpTo(gateway, clock), clock, api_version=request.param)


def test_register(provider):
    """
    A device registers with MongooseIM's words, or with its token under the name that all networks know.
    """
    fields = {"service": ("apns",), "device_id": ("token-1",), "mode": ("dev",), "topic": ("org.example",)}

    expected = "token-1", {"service": "apns", "mode": "dev", "topic": "org.example"}
    assert expected == provider.readTarget(Fields(fields))
    assert ("t", FCM) == provider.readTarget(Fields({"service": ("fcm",), "token": ("t",), "device-id": ("phone",)}))


def test_registerEverything(provider, gateway, clock):
    """
    What a device says when it registers is what it is pushed with.
    """
    fields = {
        "service": "apns",
        "device_id": "token-1",
        "silent": "false",
        "priority": "high",
        "sound": "ding",
        "click_action": "OPEN",
        "mutable_content": "1",
        "time_to_live": "3600",
    }

    token, details = provider.readTarget(Fields({name: (value,) for name, value in fields.items()}))
    send(provider, clock, ttl=86400, token=token, **details)

    (push,) = gateway.pushes
    assert (3600, True, "ding") == (push["time_to_live"], push["mutable_content"], push["alert"]["sound"])


def test_form(clock):
    """
    Whoever asks is told every field that there is, and what can stand in it.
    """
    provider = makeMongoosePush(ScriptedHTTP(), clock)
    filled = {field.var: (next(iter(field.options), "1"),) for field in provider.form()}

    assert verifyObject(IForms, provider)
    assert {} == provider.facts()
    assert filled.keys() - {"device_id"} == provider.readTarget(Fields(filled))[1].keys()
    assert {"service"} == {field.var for field in provider.form() if field.required}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"service": "apns"},
        {"token": "a"},
        {"service": "gcm", "token": "a"},
        {"service": "apns", "token": "a", "device_id": "b"},
        {"service": "apns", "token": ".."},
        {"service": "apns", "token": "."},
        {"service": "apns", "token": "a\nb"},
        {"service": "apns", "token": "a", "mode": "production"},
        {"service": "apns", "token": "a", "topic": "a b"},
        {"service": "apns", "token": "a", "silent": "yes please"},
        {"service": "apns", "token": "a", "priority": "urgent"},
        {"service": "apns", "token": "a", "sound": "x" * 256},
        {"service": "apns", "token": "a", "mutable_content": "maybe"},
        {"service": "apns", "token": "a", "time_to_live": "-1"},
        {"service": "apns", "token": "a", "time_to_live": "9" * 99},
    ],
)
def test_registerRefuses(provider, fields):
    """
    What cannot be is told to who registers, not to MongoosePush.
    """
    with pytest.raises(BadForm) as raised:
        provider.readTarget(Fields({name: (value,) for name, value in fields.items()}))

    assert "x" * 10 not in str(raised.value)


def test_oneService(gateway, clock):
    """
    Where MongoosePush has pools of one network only, a device need not say which, and cannot say another.
    """
    provider = makeMongoosePush(httpTo(gateway, clock), clock, services=["fcm"])

    assert ("a", FCM) == provider.readTarget(Fields({"token": ("a",)}))
    with pytest.raises(BadForm, match="service: one of fcm"):
        provider.readTarget(Fields({"token": ("a",), "service": ("apns",)}))


def test_speaksFor(provider):
    """
    A device that names the app's topic is one of its devices.
    """
    assert provider.speaksFor(Fields({"topic": ("org.example.chat",)}))
    assert not provider.speaksFor(Fields({"topic": ("org.example.other",)}))
    assert not provider.speaksFor(Fields({}))
