"""
What inputs begin as, and how they are changed.
"""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

FOLDER = Path(__file__).parent / "corpus"

# What is worth putting in anywhere.
WORDS: tuple[bytes, ...] = (
    *(b"<", b">", b"/>", b"</", b"'", b'"', b"&lt;", b"&#0;", b"&#xD800;", b"&#10;", b"&x;", b"<![CDATA[", b"]]>"),
    *(b"<!--", b"-->", b"<?a?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<?xml version='1.0' encoding='utf-16'?>"),
    *(b" xmlns=''", b" xmlns='jabber:x:data'", b" xmlns:p='jabber:server'", b" p:a='b'", b" xmlns='a b&quot;'"),
    *(b"<a>", b"</a>", b"<a/>", b"<a>" * 70, b"<iq", b"<message/>", b"<presence type='subscribe'/>", b" id='1'"),
    *(b" id=''", b" type='get'", b" type='set'", b" type='error'", b" type='valid'", b" type='invalid'", b" node=''"),
    *(b" node='node-1'", b" sessionid='[session]'", b" action='cancel'", b" action='prev'", b"<handled/>", b"<error/>"),
    *(b"<command/>", b" from='", b" to='", b"@", b"a@", b"@@", b"/", b"push.example", b"other.example"),
    *(b"evil.example", b"chat.example", b"push.example.net", b"EVIL.example", b"valid", b"unsure", b"slow", b"="),
    *(b"ZXZpbC5leGFtcGxl", b"EXTERNAL", b"\n--\n", b"\n-- TLS\n", b"\n-- WAIT\n", b"</stream:stream>"),
    *(b"<stream:error/>", b"<stream:features/>", b"<db:result/>", b"<db:verify/>", b"</field><field var='a'>"),
    *(b"<value/>", b"FORM_TYPE", b"urn:xmpp:push:summary", b"secret", b"s3cret", b" ", b"\n", b"\r", b"\t", b"0"),
    *(b"-1", b"9" * 30, b"x" * 300),
    *("\u00ad\ufeff\ud7ff\U0001f4f1\u00df".encode(), "\u00e4".encode() * 40),
    *(b"\0", b"\x01", b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\x80"),
)


class Edit(NamedTuple):
    """
    One change.

    :ivar kind: what to do: put a word there, put another one in its place, take away, say twice, or go on otherwise.
    :ivar place: from 0 to 1, of the whole.
    :ivar size: bytes that it concerns.
    :ivar word: which of `WORDS`.
    """

    kind: int
    place: float
    size: int
    word: int


KINDS = 6


def seedsOf(target: str) -> list[bytes]:
    """
    What inputs for a target begin as.
    """
    return [path.read_bytes() for path in sorted((FOLDER / target).iterdir())]


def edited(data: bytes, edits: Sequence[Edit], others: Sequence[bytes]) -> bytes:
    """
    An input after these changes.

    :param others: of which parts may be taken.
    """
    for kind, place, size, word in edits:
        at = int(place * len(data))
        if kind == 0:
            data = data[:at] + WORDS[word % len(WORDS)] + data[at:]
        elif kind == 1:
            data = data[:at] + WORDS[word % len(WORDS)] + data[at + size :]
        elif kind == 2:
            data = data[:at] + data[at + size :]
        elif kind == 3:
            data = data[: at + size] + data[at:]
        elif kind == 4:
            other = others[word % len(others)]
            data = data[:at] + other[int(place * len(other)) :]
        elif at < len(data):
            data = data[:at] + bytes((data[at] ^ (1 << word % 8),)) + data[at + 1 :]
    return data


def changed(random: Random, known: Sequence[bytes]) -> bytes:
    """
    One of these inputs, after some changes.
    """
    edits = [
        Edit(random.randrange(KINDS), random.random(), int(random.expovariate(0.03)), random.randrange(1 << 16))
        for _ in range(1 + int(random.expovariate(0.4)))
    ]
    return edited(random.choice(known), edits, known)
