"""
Tigase's page: unregistering the device of an account that was removed.
"""

import json

import pytest

from pushsvc.strangers import ownerOf
from tests.web.visiting import DEVICE, HOST, JULIET, PHONE


@pytest.mark.parametrize("path", ["/unregister-device/", "/rest/push/unregister-device/"])
def test_R12_R_14_unregisters(house, path):
    """
    R12, R-14: a phone whose account was removed says so over HTTP; its server is told.
    """
    given = house.account("d", secret=False)

    status, answer = house.post(path + HOST, DEVICE)

    assert (200, {"result": "success"}) == (status, json.loads(answer))
    assert [] == house.of(JULIET)
    assert [(HOST, given.node, JULIET)] == house.withdrawals.told


@pytest.mark.parametrize(
    "other", [{"account": "romeo@example.org"}, {"device-token": "u"}, {"account": "juliet@example.com"}]
)
def test_R12_allThreeMustMatch(house, other):
    """
    R12: where one of the three is another, nothing is removed, and nobody can tell.
    """
    house.account("d")
    house.account("e", "fcm")
    before = house.of(JULIET)

    assert (200, '{"result": "success"}') == house.post(f"/unregister-device/{HOST}", {**DEVICE, **other})

    assert before == house.of(JULIET)
    assert (200, '{"result": "success"}') == house.post(f"/unregister-device/{HOST}", DEVICE)
    assert ["google"] == [kept.target.app for kept in house.of(JULIET)]


def test_R12_strangersAreNoAccounts(house):
    """
    R12: what was registered over HTTP belongs to no account that could be named.
    """
    house.register()
    owner = ownerOf(HOST, PHONE)

    assert 400 == house.post(f"/unregister-device/{HOST}", {**DEVICE, "account": owner})[0]
    assert 1 == len(house.of(owner))


@pytest.mark.parametrize(
    "wrong",
    [
        {**DEVICE, "account": "@@"},
        {**DEVICE, "account": "example.org"},
        {**DEVICE, "account": ["juliet@example.org"]},
        {**DEVICE, "provider": "other:apns:1"},
        {**DEVICE, "device-token": 7},
        {**DEVICE, "device-token": "impossible"},
        {**DEVICE, "device-token": "\ud800"},
        {"account": JULIET},
        [],
        b"[" * 10000,
        b"\xff",
    ],
)
def test_whatIsNoDevice(house, wrong):
    """
    What cannot be a device is refused, as clients read it.
    """
    status, answer = house.post(f"/unregister-device/{HOST}", wrong)

    assert (400, "failure") == (status, json.loads(answer)["result"])


def test_otherServices(house):
    """
    Who means another service is told that it is not here.
    """
    assert 404 == house.post("/unregister-device/other.example", DEVICE)[0]
