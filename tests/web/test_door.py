"""
What faces the internet: one request by each connection, of a bounded size and in bounded time.
"""

import random
import re
from urllib.parse import urlencode

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure

from pushsvc.strangers import ownerOf
from pushsvc.web import door
from tests.web.visiting import HOST, PHONE, House


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GET /v1/register HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /v1/register/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /%ff HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"POST /v1/register HTTP/1.1\r\nHost: x\r\nContent-Length: 16385\r\n\r\n", 413),
        (b"POST /v1/register HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nxyz", 413),
        (b"POST /v1/register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"fff\r\n" * 2, None),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
def test_whatIsNotThere(house, asked, status):
    """
    There are these pages, for what can be posted, and no other.
    """
    transport = house.connect()
    transport.protocol.dataReceived(asked)

    if status is None:
        assert b"" == transport.value()
    else:
        assert status == transport.answer()[0]
        assert transport.disconnecting


def test_bodiesWithoutAnEnd(house):
    """
    A body that does not say how long it is, is cut off where it is too long; and is kept nowhere.
    """
    transport = house.connect()
    transport.protocol.dataReceived(b"POST /v1/register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(16):
        transport.protocol.dataReceived(b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert b"" == transport.value()

    for _ in range(16):
        transport.protocol.dataReceived(b"400\r\n" + b"x" * 1024 + b"\r\n")

    assert 413 == transport.answer()[0]
    assert 1 == transport.value().count(b"HTTP/1.1")
    assert transport.disconnecting


def test_oneRequestEach(house):
    """
    A connection is for one request: what comes after it is not looked at.
    """
    transport = house.connect()
    request = b"POST /v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"
    transport.protocol.dataReceived(request * 3)

    assert 1 == transport.value().count(b"HTTP/1.1")
    assert "close" == transport.answer()[1]["connection"]
    assert transport.disconnecting


def test_slowOnes(house, clock):
    """
    A client that dribbles along is not waited for.
    """
    transport = house.connect()
    for byte in b"POST /v1/register HTTP/1.1\r\n":
        transport.protocol.dataReceived(bytes([byte]))
        clock.advance(1.01)

    assert not transport.aborted
    clock.advance(5)
    assert transport.aborted


def test_notAllAtOnce(house, monkeypatch):
    """
    Only so many are let in at once, from one address and from all; who leaves makes room.
    """
    monkeypatch.setattr(door, "CONNECTIONS", 3)
    monkeypatch.setattr(door, "CONNECTIONS_EACH", 2)
    inside = [house.connect(), house.connect()]
    assert house.connect().aborted
    inside.append(house.connect("192.0.2.2"))
    assert house.connect("192.0.2.3").aborted
    assert not any(transport.aborted for transport in inside)

    inside[0].protocol.connectionLost(Failure(ConnectionDone()))

    assert not house.connect("192.0.2.3").aborted


def test_visitorsWhoLeave(house):
    """
    What somebody has begun is brought to its end, also when he does not wait for it.
    """
    waiting, kept = Deferred(), house.storage.registrations.register

    async def slow(proposed):
        await waiting
        return await kept(proposed)

    house.storage.registrations.register = slow
    transport = house.connect()
    body = urlencode({"type": "apns", "node": PHONE, "token": "t"}).encode()
    transport.protocol.dataReceived(
        b"POST /v1/register HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    transport.protocol.connectionLost(Failure(ConnectionLost()))

    waiting.callback(None)

    assert 1 == len(house.of(ownerOf(HOST, PHONE)))
    assert b"" == transport.value()


REQUESTS = [
    b"POST /v1/register HTTP/1.1\r\nHost: x\r\nContent-Length: 33\r\n\r\ntype=apns&node=device-id&token=t&",
    b"POST /v1/push HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0f\r\nnode=n&secret=s\r\n0\r\n\r\n",
    b"POST /unregister-device/push.example.net HTTP/1.1\r\nHost: x\r\nContent-Length: 83\r\n\r\n"
    b'{"account":"juliet@example.org","provider":"tigase:messenger:apns:1","device-token":"t"}',
]
PIECES = b"", b"%00", b"\r\n", b"&" * 40, b'"', b"\xed\xa0\x80"


@pytest.mark.parametrize("seed", range(40))
def test_anything(clock, seed):
    """
    Whatever arrives is answered with what is meant for it, or not at all; nothing of it is a bug.
    """
    house, chance = House(clock, requests=(1000.0, 1000)), random.Random(seed)
    for _ in range(25):
        request = bytearray(chance.choice(REQUESTS))
        for _ in range(chance.randrange(6)):
            at = chance.randrange(len(request))
            piece = chance.choice([bytes([chance.randrange(256)]), *PIECES])
            request[at : at + chance.randrange(4)] = piece
        transport = house.connect()
        transport.protocol.dataReceived(bytes(request))

        said = transport.value()
        if said and not said.startswith(b"HTTP/1.1 100"):
            assert re.match(rb"HTTP/1.[01] (200|400|404|405|413|501) ", said), said
        if not transport.disconnecting:
            clock.advance(30)
        assert transport.disconnecting
        transport.protocol.connectionLost(Failure(ConnectionDone()))
    assert {} == house.door._inside
    assert [] == clock.getDelayedCalls()
