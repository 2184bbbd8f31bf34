"""
The stand-in for MongoosePush takes nothing that MongoosePush would not take.
"""

import json

import pytest

from pushsvc.exchange import Request
from tests.standins.http import httpTo
from tests.standins.mongoosepush import MongoosePushStandIn
from tests.support import resultOf

GOOD = {"service": "fcm", "alert": {"title": "a", "body": "b"}}


def ask(clock, body, device="token-1"):
    gateway = MongoosePushStandIn(clock.seconds)
    headers = {"Content-Type": "application/json"}
    url = f"https://mongoosepush.example/v3/notification/{device}"
    answer = resultOf(httpTo(gateway, clock).request(Request("POST", url, headers, json.dumps(body).encode())))
    assert (answer.status == 200) is (len(gateway.pushes) == 1)
    return answer


def test_good(clock):
    """
    What is as it should be is taken, and ``null`` is all there is to say about it.
    """
    assert (200, b"null") == (ask(clock, GOOD).status, ask(clock, {"service": "fcm", "data": {}}).body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], "/"),
        ({}, "/service"),
        ({"service": "fcm"}, "/data"),
        ({**GOOD, "service": "gcm"}, "/service"),
        ({**GOOD, "mode": "production"}, "/mode"),
        ({**GOOD, "priority": "urgent"}, "/priority"),
        ({**GOOD, "time_to_live": "60"}, "/time_to_live"),
        ({**GOOD, "time_to_live": 60.0}, "/time_to_live"),
        ({**GOOD, "time_to_live": True}, "/time_to_live"),
        ({**GOOD, "time_to_live": 2**31}, "/time_to_live"),
        ({**GOOD, "mutable_content": "true"}, "/mutable_content"),
        ({**GOOD, "tags": "a"}, "/tags"),
        ({**GOOD, "topic": None}, "/topic"),
        ({**GOOD, "data": "a"}, "/data"),
        ({**GOOD, "silent": True}, "/silent"),
        ({"service": "fcm", "alert": {"title": "a"}}, "/alert/body"),
        ({"service": "fcm", "alert": {"body": "a"}}, "/alert/title"),
        ({"service": "fcm", "alert": {**GOOD["alert"], "badge": "3"}}, "/alert/badge"),
        ({"service": "fcm", "alert": {**GOOD["alert"], "topic": "a"}}, "/alert/topic"),
    ],
)
def test_MGP1_schema(clock, body, pointer):
    """
    MGP-1: what is not after the schema is refused with the place where it is not.
    """
    answer = ask(clock, body)

    assert 422 == answer.status
    assert [pointer] == [error["source"]["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("device", ["a:b", "a/b", "a%2fb", "%zz", ""])
def test_deviceIds(clock, device):
    """
    A device id that is not percent-encoded completely is none.
    """
    assert 404 == ask(clock, GOOD, device).status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"service": "apns", "data": {}}, 503),
        ({"service": "apns", "data": {}, "topic": "org.example.chat", "priority": "high"}, 503),
        ({"service": "apns", "data": {}, "topic": "org.example.chat", "priority": "normal"}, 200),
        ({"service": "apns", "data": {}, "topic": "org.example.other"}, 400),
        ({"service": "apns", **{"alert": GOOD["alert"]}}, 200),
        ({"service": "fcm", "data": {"a": {"b": 1}}}, 400),
        ({"service": "fcm", "data": {"a": "x" * 4096}}, 413),
    ],
)
def test_MGP4_MGP6_networks(clock, body, status):
    """
    MGP-4, MGP-6: so is what the networks behind it would refuse; its default topic is for alerts alone.
    """
    assert status == ask(clock, body).status
