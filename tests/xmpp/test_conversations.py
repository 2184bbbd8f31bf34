"""
The conversations that the documentation shows are the conversations that happen.
"""

import pytest

from tests.xmpp.player import CONVERSATIONS

NAMES = sorted(path.stem for path in CONVERSATIONS.glob("*.txt"))


@pytest.mark.parametrize("name", NAMES)
def test_conversation(player, name):
    """
    Every conversation goes as it is written.
    """
    player.play(name)


@pytest.mark.parametrize(
    "change",
    [
        ("id='p1'/>", "id='other'/>"),
        ("type='result' from='push.example.net' id='p1'/>", "type='result' id='p1'><pong/></iq>"),
        ("example.org receives:", "example.com receives:"),
        ("example.org receives:\n", "example.org receives nothing.\n\nexample.org receives:\n"),
    ],
)
def test_playerNotices(player, change, tmp_path):
    """
    A conversation that goes otherwise than it is written fails.
    """
    text = (CONVERSATIONS / "ping.txt").read_text("utf-8")
    (tmp_path / "wrong.txt").write_text(text.replace(*change), "utf-8")

    with pytest.raises(AssertionError):
        player.play("wrong", tmp_path)
