"""
mod_push's vocabulary, as the clients that speak it use it.
"""

import re

import pytest

from pushsvc.command import CommandResult
from pushsvc.dialects.modpush import ModPush
from pushsvc.errors import BadForm, NoSuchCommand, TryLater
from pushsvc.fields import Fields
from pushsvc.model import Target, digest
from pushsvc.registrar import Registrar
from tests.delivery.network import app
from tests.dialects.client import HOST, JULIET, ROMEO, Client, values
from tests.providers.webpushsupport import makeWebPush
from tests.standins.http import ScriptedHTTP
from tests.standins.webpush import Browser, writeKey
from tests.support import resultOf


@pytest.fixture
def dialect(registrar: Registrar) -> ModPush:
    return ModPush(registrar)


# Registering


def test_MP1_commandsFollowTheProviders(dialect):
    """
    MP-1, R-5: a host offers register-push-X for every network its apps are on, under its former name too, and the two
    other commands.
    """
    assert {
        "register-push-fcm",
        "register-push-gcm",
        "register-push-apns",
        "list-push-registrations",
        "unregister-push",
    } == set(dialect.commands(HOST))


def test_MP2_noAppNoCommand(juliet):
    """
    MP-2: a network that no app of this host is on cannot be registered for.
    """
    with pytest.raises(NoSuchCommand):
        juliet.run("register-push-wns", token="t")


@pytest.mark.parametrize(
    ("fields", "device"),
    [
        ({"device_id": "given"}, "given"),
        ({"android_id": "conversations"}, "conversations"),
        ({"device_id": "first", "android_id": "second"}, "first"),
        ({"device_id": ""}, "balcony"),
        ({"device_id": " \n", "android_id": "second"}, "second"),
        ({}, "balcony"),
    ],
)
def test_MP3_R2_theDeviceId(juliet, storage, fields, device):
    """
    MP-3, R-2: the device id is the first that the client says under any of its names, else its resource.
    """
    juliet.register(**fields)

    assert [device] == [known.deviceId for known in resultOf(storage.registrations.ofOwner(JULIET))]


def test_MP3_noDeviceIdAtAll(dialect):
    """
    MP-3: without a device id and without a resource there is nothing to know the device by.
    """
    with pytest.raises(BadForm):
        Client(dialect, resource=None).register()


def test_MP4_oneDeviceHasOneRegistration(juliet, storage):
    """
    MP-4: a device that changes its network keeps its registration and its node.
    """
    first = juliet.register(device_id="phone")
    second = values(juliet.run("register-push-apns", token="t2", device_id="phone"))

    assert first["node"] == second["node"]
    registrations = resultOf(storage.registrations.ofOwner(JULIET))
    assert [Target(first["node"], "apple", "t2")] == [known.target for known in registrations]


def test_MP5_nodesAndSecretsAreRandom(juliet):
    """
    MP-5, R-8: every registration gets a node and a secret that nobody can guess.
    """
    made = [juliet.register(device_id=str(number)) for number in range(50)]

    assert 50 == len({registration["node"] for registration in made})
    assert 50 == len({registration["secret"] for registration in made})
    assert all(len(registration["node"]) >= 22 and len(registration["secret"]) >= 22 for registration in made)


def test_MP6_registeringAgain(juliet, storage, clock):
    """
    MP-6, R-4: registering again keeps the node, takes over what is said now, and issues a further secret.
    """
    first = juliet.register(device_name="old")
    clock.advance(100)
    second = juliet.register(token="t2", device_name="new")

    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    assert first["node"] == second["node"] == known.node
    assert first["secret"] != second["secret"]
    assert ("t2", "new", 100) == (known.target.token, known.deviceName, known.renewed - known.registered)


def test_MP7_aNameThatIsNotSaidIsForgotten(juliet):
    """
    MP-7: a device name that is not said again is not kept.
    """
    juliet.register(device_name="old")
    juliet.register()

    assert ["node"] == [key for item in juliet.listed() for key in item]


def test_MP8_R3_theResult(juliet):
    """
    MP-8, R-3: the answer says jid, node and secret, in this order and with nothing else.
    """
    result = juliet.run("register-push-fcm", token="t")

    assert result.values is not None
    assert ["jid", "node", "secret"] == [var for var, _ in result.values]
    assert HOST == values(result)["jid"]


def test_MP9_networksReadTheirOwnTokens(juliet):
    """
    MP-9: what a token must be, and what else is needed, is its network's to say; what it does not take is refused when
    the device registers.
    """
    with pytest.raises(BadForm):
        juliet.register(token="impossible")


@pytest.mark.parametrize("token", [None, "", [], ["", ""], " ", ["one", "two"]])
def test_MP10_theTokenIsNeededOnce(juliet, token):
    """
    MP-10: a token that is missing, empty or doubled is refused.
    """
    fields = {} if token is None else {"token": token}

    with pytest.raises(BadForm):
        juliet.run("register-push-fcm", **fields)


def test_MP10_theFormIsNeeded(juliet):
    """
    MP-10: registering without a form is refused.
    """
    with pytest.raises(BadForm):
        juliet.bare("register-push-fcm")


def test_MP11_R2_aFormTypeDoesNoHarm(juliet):
    """
    MP-11, R-2: a form may say what it is, and may hold fields that nobody knows.
    """
    registered = values(
        juliet.bare("register-push-fcm", Fields({"FORM_TYPE": ("any",), "token": ("t",), "colour": ("blue", "red")}))
    )

    assert registered["node"]


def test_MP14_storageTroubleIsTemporary(juliet, storage):
    """
    MP-14: when the storage fails the client is told to try later.
    """
    resultOf(storage.close())

    with pytest.raises(TryLater):
        juliet.register()


@pytest.mark.parametrize("field", ["muc", "channel"])
def test_roomsHaveRegistrationsOfTheirOwn(juliet, storage, field):
    """
    A device may register for one room: that has a node and a secret of its own.
    """
    own = juliet.register()
    room = juliet.register(**{field: "Garden@rooms.example.net/nick"})

    assert own["node"] != room["node"]
    rooms = [known.room for known in resultOf(storage.registrations.ofOwner(JULIET))]
    assert {None, "garden@rooms.example.net"} == set(rooms)


@pytest.mark.parametrize("room", ["@@", "a@b..c", "@b", "b/", "x" * 3000 + "@b"])
def test_aRoomMustBeAJID(juliet, room):
    """
    A room that is no JID is refused.
    """
    with pytest.raises(BadForm):
        juliet.register(muc=room)


# Secrets


def test_R4_formerSecretsWorkUntilANewerIsUsed(juliet, storage):
    """
    R-4: a client may register as often as it likes before it enables; the first use of a secret ends those before it.
    """
    secrets = [juliet.register()["secret"] for _ in range(3)]
    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    assert all(known.usedDigest(secret) for secret in secrets)

    resultOf(storage.registrations.secretUsed(known.node, digest(secrets[1])))

    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    assert [False, True, True] == [known.usedDigest(secret) is not None for secret in secrets]


def test_secretsAreKeptAsDigestsOnly(juliet, storage):
    """
    Whoever reads the database learns no secret.
    """
    secret = juliet.register()["secret"]

    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    assert (digest(secret),) == known.digests
    assert secret not in str(vars(known))


def test_aRegistrationTellsNothingInItsRepr(juliet, storage):
    """
    Nothing that belongs to a person is seen where a registration is printed.
    """
    made = juliet.register(token="my-token", device_name="my-phone", muc="room@rooms.example.net")

    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    for private in ("juliet", "my-token", "my-phone", "room@", "balcony", made["node"], made["secret"]):
        assert private not in repr(known)


# Unregistering


def test_MP18_withoutAFormTheResourceIsTheDevice(juliet, storage):
    """
    MP-18: unregister-push without a form forgets the device that its resource names.
    """
    juliet.register()
    juliet.register(device_id="other")

    juliet.bare("unregister-push")

    assert ["other"] == [known.deviceId for known in resultOf(storage.registrations.ofOwner(JULIET))]


def test_MP18_R6_byDeviceId(juliet, storage):
    """
    MP-18, R-6: unregister-push forgets the device that the form names.
    """
    juliet.register()
    juliet.register(device_id="other")

    juliet.run("unregister-push", device_id="other")

    assert ["balcony"] == [known.deviceId for known in resultOf(storage.registrations.ofOwner(JULIET))]


def test_R7_aRoomIsUnregisteredByItself(juliet, storage):
    """
    R-7: unregistering a device for a room leaves its other registrations.
    """
    juliet.register()
    juliet.register(muc="garden@rooms.example.net")

    juliet.run("unregister-push", android_id="balcony", channel="garden@rooms.example.net")

    assert [None] == [known.room for known in resultOf(storage.registrations.ofOwner(JULIET))]


def test_MP19_nodesBeatTheDeviceId(juliet, storage):
    """
    MP-19: where nodes are named, the device id is not looked at.
    """
    juliet.register()
    other = juliet.register(device_id="other")

    juliet.run("unregister-push", nodes=[other["node"]], device_id="balcony")

    assert ["balcony"] == [known.deviceId for known in resultOf(storage.registrations.ofOwner(JULIET))]


def test_MP20_anUnknownDeviceIsCompleted(juliet):
    """
    MP-20, mended: a device that nobody knows is as gone as the client wants it to be.
    """
    assert CommandResult() == juliet.run("unregister-push", device_id="unknown")


def test_MP20_byDeviceThereIsNoForm(juliet):
    """
    MP-20: unregistering a device is completed without a form.
    """
    juliet.register()

    assert CommandResult() == juliet.bare("unregister-push")


def test_MP21_byNodesTheRemovedAreNamed(juliet):
    """
    MP-21: unregistering by nodes says which were removed; unknown ones are skipped.
    """
    one, two = juliet.register(device_id="one"), juliet.register(device_id="two")

    result = juliet.run("unregister-push", nodes=["unknown", two["node"], one["node"]])

    assert (("nodes", (two["node"], one["node"])),) == result.values


def test_MP21_noneRemoved(juliet):
    """
    MP-21: when none was removed, the list is empty.
    """
    assert (("nodes", ()),) == juliet.run("unregister-push", nodes=["unknown"]).values


def test_MP22_foreignNodesAreSkippedAlike(juliet, romeo, storage):
    """
    MP-22, mended: somebody else's node is neither touched nor told from one that there is not.
    """
    foreign, own = romeo.register()["node"], juliet.register()["node"]

    result = juliet.run("unregister-push", nodes=[foreign, own, "unknown"])

    assert (("nodes", (own,)),) == result.values
    assert [foreign] == [known.node for known in resultOf(storage.registrations.ofOwner(ROMEO))]


def test_MP23_anyNetworksDeviceIsUnregisteredAlike(juliet):
    """
    MP-23: one command unregisters devices of every network.
    """
    juliet.run("register-push-apns", token="t", device_id="phone")

    juliet.run("unregister-push", device_id="phone")

    assert [] == juliet.listed()


def test_MP24_everyRemovalIsTold(juliet, withdrawals):
    """
    MP-24: the user's server is told of every node that is gone, and of none that was not there.
    """
    one, two = juliet.register(device_id="one"), juliet.register(device_id="two")

    juliet.run("unregister-push", device_id="one")
    juliet.run("unregister-push", nodes=[two["node"], "unknown"])
    juliet.run("unregister-push", device_id="one")

    assert [(HOST, one["node"], JULIET), (HOST, two["node"], JULIET)] == withdrawals.told


# Listing


def test_MP25_theList(juliet, romeo, clock):
    """
    MP-25: the list has all of the account's registrations, on all networks, with names where they are known; no
    secrets, no tokens, nobody else's.
    """
    romeo.register()
    named = juliet.register(device_id="one", device_name="Phone")
    clock.advance(1)
    nameless = values(juliet.run("register-push-apns", token="t", device_id="two"))

    assert [{"device-name": "Phone", "node": named["node"]}, {"node": nameless["node"]}] == juliet.listed()


def test_MP25_anEmptyListHasNoForm(juliet):
    """
    MP-25: when nothing is registered there is no form.
    """
    result = juliet.bare("list-push-registrations")

    assert (None, (), ()) == (result.values, result.columns, result.items)


def test_MP27_anEmptyNameIsListed(juliet):
    """
    MP-27: a device name that was given empty is listed empty.
    """
    node = juliet.register(device_name="")["node"]

    assert [{"device-name": "", "node": node}] == juliet.listed()


def test_errorsTellNothingPrivate(juliet):
    """
    What a client said is not repeated in the error it gets.
    """
    with pytest.raises(BadForm) as caught:
        juliet.run("register-push-fcm", token=["private-one", "private-two"])

    assert re.search("private|juliet|balcony", str(caught.value)) is None


# Networks that have something to say first


@pytest.fixture
def web(storage, withdrawals, clock, tmp_path):
    """
    A host with two apps for Web Push, and their keys.
    """
    keys, apps = {}, {}
    for name in ("web", "other"):
        file, keys[name] = writeKey(tmp_path / f"{name}.pem")
        provider = makeWebPush(ScriptedHTTP(), clock, vapid_key_file=str(file))
        apps[name] = app(provider, name, kind="webpush", default=name == "web")
    return Client(ModPush(Registrar(storage.registrations, apps, withdrawals, clock))), keys


@pytest.mark.parametrize("fields", [None, Fields({}), Fields({"FORM_TYPE": ("x",)}), Fields({"endpoint": ("",)})])
def test_whoAsksIsTold(web, fields):
    """
    Who runs the command without saying anything gets a form, and in it the key that a subscription is to be made for.
    """
    client, keys = web

    asked = client.bare("register-push-webpush", fields)

    form = {field.var: field for field in asked.form}
    assert ("fixed", (keys["web"],)) == (form["vapid-public-key"].type, form["vapid-public-key"].values)
    assert {"device-id", "device-name", "vapid-public-key", "endpoint", "p256dh", "auth", "subscription"} == set(form)


def test_whoNamesAnAppIsToldOfThatApp(web):
    """
    Who names an app, and no more, gets the form of that app, which names it too.
    """
    client, keys = web

    asked = client.run("register-push-webpush", app="other")

    form = {field.var: field for field in asked.form}
    assert (keys["other"],) == form["vapid-public-key"].values
    assert ("hidden", ("other",)) == (form["app"].type, form["app"].values)


@pytest.mark.parametrize("name", ["web", "other"])
def test_theAnswerNamesTheKeyToo(web, storage, name):
    """
    The answer to a registration holds the key once more; who names the key has said which app is meant.
    """
    client, keys = web
    browser = Browser("https://push.example")

    answer = values(
        client.run("register-push-webpush", subscription=browser.subscription(), vapid_public_key=keys[name])
    )

    assert ["jid", "node", "secret", "vapid-public-key"] == list(answer)
    assert keys[name] == answer["vapid-public-key"]
    (known,) = resultOf(storage.registrations.ofOwner(JULIET))
    assert (name, browser.endpoint) == (known.target.app, known.target.token)


def test_networksThatSayNothingAskNothing(juliet):
    """
    Where there is nothing to be told, a form is still what a registration begins with.
    """
    with pytest.raises(BadForm, match="a form is missing"):
        juliet.bare("register-push-fcm")
