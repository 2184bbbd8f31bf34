"""
Clients as they are, and what they look at in the answers. Each transcript is played to the whole service; what the
phone gets in the end is looked at besides.
"""

import pytest

from pushsvc.model import Encrypted, Kind, Priority
from tests.clients.world import World
from tests.support import resultOf
from tests.xmpp.player import CONVERSATIONS, Player

CLIENTS = CONVERSATIONS / "clients"
NAMES = sorted(path.stem for path in CLIENTS.glob("*.txt"))
APPLE = "00112233445566778899aabbccddeeff" * 2
GOOGLE = "fQ3v:APA91bHun4MxP5egoKMwt2KZFBaFUH"


def play(player: Player, name: str) -> None:
    player.play(name, CLIENTS)


def kept(world: World, owner: str = "juliet@example.org"):
    return resultOf(world.storage.registrations.ofOwner(owner))


@pytest.mark.parametrize("name", NAMES)
def test_transcripts(world, player, name):
    """
    Every client is answered as it awaits.
    """
    play(player, name)


def test_R1_modPush(world, player):
    """
    R1, R6, R7: mod_push's clients register with a token in base64, and their servers publish in the user's name.
    """
    play(player, "mod_push")

    ((target, notification),) = [(sent.target, sent.notification) for sent in world.pushed]
    assert "af7aa91ca9b36478d82986c6ef22387e163e0d62aa15913964910cf0ffa50c3a" == target.token
    assert 1 == notification.summary.messageCount
    assert [] == kept(world)
    assert ["juliet@example.org"] == [message["to"] for message in world.told]


@pytest.mark.parametrize("name", ["conversations-1", "conversations-2", "conversations-3"])
def test_R2_R3_conversations(world, player, name):
    """
    R2, R3: every version of Conversations registers its Android id, under either name and with either action.
    """
    play(player, name)

    (registration,) = kept(world)
    assert ("9774d56d682e549c", "google", GOOGLE) == (
        registration.deviceId,
        registration.target.app,
        registration.target.token,
    )


def test_R3_registersOnEveryBind(world, player):
    """
    R3, R-4: Conversations registers whenever it is online; what its server has from before goes on working.
    """
    play(player, "conversations-2")

    assert [GOOGLE] == [sent.target.token for sent in world.pushed]


def test_R4_apple(world):
    """
    R4: Quicksy for iOS and Fluux register tokens in hexadecimal, whichever case.
    """
    play(world.player(), "fluux")
    (registration,) = kept(world)
    assert ("apple", APPLE) == (registration.target.app, registration.target.token)

    play(world.player(), "quicksy-ios")
    assert [registration.node] == [each.node for each in kept(world)]


def test_R5_channels(world, player):
    """
    R5: Quicksy unregisters a room by the name that it did not register it by, and keeps everything else.
    """
    play(player, "conversations-channel")

    assert [None] == [registration.room for registration in kept(world)]


def test_R8_monal(world, player):
    """
    R8: Monal, when it had mod_push_appserver to talk to.
    """
    play(player, "monal-3")

    assert [] == kept(world)


def test_R10_siskin(world, player):
    """
    R10, R11: Siskin finds the service and registers; its server publishes without a secret, and no other does. What is
    encrypted for the phone gets there as it is.
    """
    play(player, "siskin")

    (sent,) = world.pushed
    assert (APPLE, "ffeeddccbbaa99887766554433221100" * 2) == (sent.target.token, sent.target.details["voip"])
    expected = Encrypted("QUJDREVGR0hJSktM", "bm90IGZvciB1cyB0byByZWFk", "voip")
    assert (Kind.CALL, Priority.HIGH, expected) == (
        sent.notification.kind,
        sent.notification.priority,
        sent.notification.encrypted,
    )


def test_R17_modPushoff(world, player):
    """
    R17: clients of mod_pushoff do without what they are told, and go by their resource.
    """
    play(player, "mod_pushoff")

    assert [] == kept(world)


def test_R18_openfire(world, player):
    """
    R18: clients of Openfire's push server say with each publish whether they are development builds.
    """
    play(player, "openfire")

    (sent,) = world.pushed
    assert "243ca5f2a4ee00b66e3208cd05c962a30efa80b2d9f8dd508ce8182e04eab695" == sent.target.token
    assert "sandbox" == sent.target.details["environment"]


@pytest.mark.parametrize(("name", "app"), [("mongooseim-2", "google"), ("xmpp-app-server", "apple")])
def test_R19_R20_plain(world, player, name, app):
    """
    R19, R20: who says what sort of phone it is, is registered with that one's network.
    """
    play(player, name)

    assert [app] == [registration.target.app for registration in kept(world)]


def test_U2_gajim(world, player):
    """
    U-2: somebody sends a test to one of his devices, with a client that shows commands.
    """
    play(player, "gajim")

    (sent,) = world.pushed
    assert (GOOGLE, "This is a test.") == (sent.target.token, sent.notification.summary.lastMessageBody)


@pytest.mark.parametrize(
    "change",
    [
        ("status='completed'", "status='complete'"),
        ("type='text-multi'", "type='list-multi'"),
        ("<value>2800</value>", "<value>2801</value>"),
        ("<feature var='tigase:messenger:apns:1'/>", "<feature var='tigase:messenger:apns:2'/>"),
        ("error type='auth'><forbidden", "error type='cancel'><item-not-found"),
    ],
)
def test_theTranscriptsAreCompared(world, player, change, tmp_path):
    """
    An answer that a client would not take makes its transcript fail.
    """
    text = (CLIENTS / "siskin.txt").read_text("utf-8")
    assert change[0] in text
    (tmp_path / "wrong.txt").write_text(text.replace(*change), "utf-8")

    with pytest.raises(AssertionError):
        player.play("wrong", tmp_path)
