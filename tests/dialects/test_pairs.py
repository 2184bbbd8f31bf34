"""
One table feeds all vocabularies: a device that changes from any of them to any other keeps its node.
"""

import itertools

import pytest

from pushsvc.dialects import appserver, modpush, plain, tigase
from tests.dialects.client import JULIET, ROMEO, Client, values
from tests.support import resultOf

DIALECTS = {"modpush": modpush, "appserver": appserver, "plain": plain, "tigase": tigase}
# How the same phone registers in each.
WAYS = {
    "mod_push": ("modpush", "register-push-apns", {"token": "t", "device_id": "d"}),
    "Conversations": ("modpush", "register-push-apns", {"token": "t", "android_id": "d"}),
    "without id": ("modpush", "register-push-apns", {"token": "t"}),
    "appserver": ("appserver", "v1-register-push", {"type": "apns", "token": "t", "node": "d"}),
    "appserver without id": ("appserver", "v1-register-push", {"type": "apns", "token": "t"}),
    "plain": ("plain", "register-push", {"type": "ios", "token": "t"}),
    "tigase": ("tigase", "register-device", {"provider": "snikket:apns:1", "device_token": "t"}),
}
# These say nothing of the phone but how it is called, and these nothing but its token.
BY_ID = "mod_push", "Conversations", "appserver"
BY_RESOURCE = "without id", "appserver without id"
BY_TOKEN = "plain", "tigase"


@pytest.fixture
def register(registrar):
    def run(way, owner=JULIET, resource="d", **more):
        dialect, command, fields = WAYS[way]
        client = Client(DIALECTS[dialect].makeDialect(registrar), owner, resource)
        return values(client.run(command, **{**fields, **more}))["node"]

    return run


@pytest.mark.parametrize(("first", "second"), [*itertools.permutations(WAYS, 2)])
def test_7_3_everyPair(register, registrar, first, second):
    """
    7-3: Whichever vocabulary a phone spoke first, and whichever it speaks then, it has one node; and when it goes back.
    """
    node = register(first)

    assert node == register(second)
    assert node == register(first)
    assert 1 == len(resultOf(registrar.registrations(JULIET)))


@pytest.mark.parametrize(("first", "second"), [*itertools.product(BY_TOKEN, (*BY_ID, *BY_RESOURCE))])
def test_7_3_fromThenOnByItsId(register, first, second):
    """
    7-3: Once a phone has said what it is called it keeps its node also when its token changes.
    """
    node = register(first)
    register(second)

    assert node == register(second, token="renewed")


@pytest.mark.parametrize(("first", "second"), [*itertools.product((*BY_ID, *BY_RESOURCE), repeat=2)])
def test_7_3_everyNetwork(registrar, register, first, second):
    """
    7-3: A phone that says what it is called keeps its node also when it changes its network.
    """
    node = register(first)
    dialect, command, fields = WAYS[second]
    other = {**fields, "token": "u", **({"type": "fcm"} if "type" in fields else {})}

    client = Client(DIALECTS[dialect].makeDialect(registrar), JULIET, "d")

    assert node == values(client.run(command.replace("apns", "fcm"), **other))["node"]
    (known,) = resultOf(registrar.registrations(JULIET))
    assert ("google", "u") == (known.target.app, known.target.token)


@pytest.mark.parametrize("first", BY_TOKEN)
def test_7_3_othersAreOthers(register, registrar, first):
    """
    7-3: Another account's phone, another phone of the account, and a phone for a room have nodes of their own.
    """
    nodes = {
        register(first),
        register("mod_push", ROMEO),
        register("mod_push", token="other"),
        register("mod_push", muc="room@muc.example.org"),
    }

    assert 4 == len(nodes)
    assert 3 == len(resultOf(registrar.registrations(JULIET)))


def test_7_3_twoIdsOfOneToken(register, registrar):
    """
    7-3: Phones that say what they are called are told apart by that, whatever token they have.
    """
    assert register("mod_push") != register("mod_push", device_id="e")
    assert 2 == len(resultOf(registrar.registrations(JULIET)))
