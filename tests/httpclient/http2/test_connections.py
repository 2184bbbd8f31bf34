"""
Connections that change, refuse, go away, break and fall silent: nothing is lost, nothing is sent twice.
"""

import time
from dataclasses import replace

import pytest_twisted
from twisted.internet import reactor

from pushsvc.exchange import ConnectionBroke, NotConnected, NotTaken, Route, TimedOut
from tests.httpclient.http2.conftest import IMPATIENT, PATIENT, asked, outcomes, push, until
from tests.standins.http2 import MAX_STREAMS, WINDOW, answers, inTurn, isMute


def pushes(http, server, count, **more):
    return [asked(http, push(server.url, n, **more)) for n in range(count)]


def once(server, count):
    """
    Each of so many pushes was processed once, and none twice.
    """
    return {f"id-{n}": 1 for n in range(count)} == server.processed


# Settings


@pytest_twisted.ensureDeferred
async def test_settingsAreAwaited(http, serve):
    """
    Nothing is asked before the other side has said how much it takes.
    """
    server = await serve(settings={MAX_STREAMS: 2})
    server.atConnection = lambda connection: setattr(connection, "held", True)
    asking = pushes(http, server, 5)
    await until(lambda: server.connections)
    (connection,) = server.connections
    assert not server.heard

    connection.release()

    assert [200] * 5 == await outcomes(asking)
    assert connection.peak <= 2


@pytest_twisted.ensureDeferred
async def test_noSettings(make, serve):
    """
    A connection on which they never come is none.
    """
    http = make(tuning=replace(PATIENT, connectWithin=0.3))
    server = await serve()
    server.atConnection = lambda connection: connection.freeze()

    (result,) = await outcomes(pushes(http, server, 1))

    assert isinstance(result, NotConnected)
    assert not result.maybeSent


@pytest_twisted.ensureDeferred
async def test_oneAtATime(make, serve):
    """
    As APNs does until it trusts us: one stream first, many after the first answer, one again after a refusal.
    """
    http = make(tuning=replace(PATIENT, connections=1))

    def act(heard):
        if heard.id == "id-0":
            heard.connection.change(MAX_CONCURRENT_STREAMS=50)
        if heard.id == "id-60":
            heard.connection.change(MAX_CONCURRENT_STREAMS=1)
        if heard.id == "id-80":
            heard.connection.change(MAX_CONCURRENT_STREAMS=20)
        heard.answer()

    server = await serve(act, settings={MAX_STREAMS: 1})

    assert [200] * 100 == await outcomes(pushes(http, server, 100))

    assert once(server, 100)
    assert 1 < server.connections[0].peak <= 50


@pytest_twisted.ensureDeferred
async def test_noneAtAll(make, serve):
    """
    A limit of none holds everything back, until it is raised or the deadline passes.
    """
    http = make(tuning=replace(PATIENT, connections=1))
    server = await serve(settings={MAX_STREAMS: 0})
    late = asked(http, push(server.url, 9, deadline=0.2))
    (result,) = await outcomes([late])
    assert isinstance(result, TimedOut)
    assert not result.maybeSent
    asking = pushes(http, server, 5)
    await until(lambda: server.connections)

    server.connections[0].change(MAX_CONCURRENT_STREAMS=3)

    assert [200] * 5 == await outcomes(asking)
    assert once(server, 5)


# Going away


@pytest_twisted.ensureDeferred
async def test_goawayGraceful(http, serve):
    """
    Whoever goes away gracefully still answers what it has, and nothing of it is asked again.
    """
    held = []
    server = await serve(held.append)
    asking = pushes(http, server, 20)
    await until(lambda: 20 == len(held))

    server.connections[0].goAway(39)
    server.act = answers()
    later = [asked(http, push(server.url, n)) for n in range(20, 25)]
    assert [200] * 5 == await outcomes(later)
    for heard in held:
        heard.answer()

    assert [200] * 20 == await outcomes(asking)
    assert once(server, 25)
    assert 2 == len(server.connections)
    await until(lambda: server.connections[0].ended)


@pytest_twisted.ensureDeferred
async def test_goawayInTwoSteps(http, serve):
    """
    One that says first that it will go, and then what it has seen, loses nothing.
    """
    held = []
    server = await serve(held.append)
    asking = pushes(http, server, 10)
    await until(lambda: 10 == len(held))
    server.act = answers()

    server.connections[0].goAway()
    server.connections[0].goAway(9)
    for heard in held[:5]:
        heard.answer()

    assert [200] * 10 == await outcomes(asking)
    assert once(server, 10)


@pytest_twisted.ensureDeferred
async def test_goawayHard(http, serve):
    """
    What whoever goes away has not processed goes elsewhere at once; the rest is answered.
    """
    held = []
    server = await serve(held.append)
    asking = pushes(http, server, 50)
    await until(lambda: 50 == len(held))
    server.act = answers()

    server.connections[0].goAway(21, 2, b'{"reason":"InternalServerError"}')
    for heard in held[:11]:
        heard.answer()

    assert [200] * 50 == await outcomes(asking)
    assert once(server, 50)
    assert 50 + 39 == len(server.heard)


@pytest_twisted.ensureDeferred
async def test_goawayWithTheAnswerInOnePiece(http, serve):
    """
    An answer, a farewell and another answer may come in one piece.
    """
    held = []
    server = await serve(held.append)
    asking = pushes(http, server, 3)
    await until(lambda: 3 == len(held))

    held[0].answer()
    server.connections[0].goAway(5)
    held[1].answer()
    held[2].answer()

    assert [200] * 3 == await outcomes(asking)
    assert once(server, 3)


# Refusing


@pytest_twisted.ensureDeferred
async def test_refused(http, serve):
    """
    A refused stream was not processed: its request is asked again at once, and answered once.
    """
    refused = set()

    def act(heard):
        if heard.id in refused:
            heard.answer()
        else:
            refused.add(heard.id)
            heard.refuse()

    server = await serve(act)

    assert [200] * 50 == await outcomes(pushes(http, server, 50))
    assert once(server, 50)


@pytest_twisted.ensureDeferred
async def test_refusedGoesElsewhere(http, serve):
    """
    It goes to another connection, where there is one.
    """
    server = await serve()
    route = Route(keep=2)
    await http.request(push(server.url, 9, route=route))
    (pool,) = http._pools.values()
    await until(lambda: 2 == len(pool._connections.able))
    server.act = isMute
    held = [asked(http, push(server.url, n, route=route)) for n in range(2)]
    await until(lambda: 3 == len(server.heard))
    server.act = inTurn(lambda heard: heard.refuse(), answers())

    response = await http.request(push(server.url, 2, route=route))

    assert 200 == response.status
    first, second = server.heard[3:]
    assert first.connection is not second.connection
    for asking in held:
        asking.cancel()
    await outcomes(held)


@pytest_twisted.ensureDeferred
async def test_refusedForEver(http, serve):
    """
    Not for ever, though: whoever refuses everything is not asked without end.
    """
    server = await serve(lambda heard: heard.refuse())

    (result,) = await outcomes(pushes(http, server, 1))

    assert isinstance(result, NotTaken)
    assert not result.maybeSent
    assert 1 + PATIENT.repeats == len(server.heard)


@pytest_twisted.ensureDeferred
async def test_secretLimit(http, serve):
    """
    A limit that is enforced but not told is found out, and costs no request its answer.
    """
    holding = set()

    def act(heard):
        if len(holding) >= 3:
            heard.refuse()
            return
        holding.add(heard.stream)

        def answer():
            holding.discard(heard.stream)
            heard.answer()

        reactor.callLater(0.005, answer)

    server = await serve(act)

    assert [200] * 60 == await outcomes(pushes(http, server, 60))
    assert once(server, 60)


# Breaking


@pytest_twisted.ensureDeferred
async def test_brokenConnection(make, serve):
    """
    What was on a connection that breaks may have been processed; what waits is not touched by it.
    """
    http = make(tuning=replace(PATIENT, connections=1))
    server = await serve(isMute, settings={MAX_STREAMS: 10})
    asking = pushes(http, server, 15)
    await until(lambda: 10 == len(server.heard))
    server.act = answers()

    server.connections[0].cut()
    results = await outcomes(asking)

    broke = [result for result in results if isinstance(result, ConnectionBroke)]
    assert 10 == len(broke)
    assert all(result.maybeSent for result in broke)
    assert 5 == results.count(200)
    assert once(server, 15)


@pytest_twisted.ensureDeferred
async def test_noHTTP2AfterAll(http, serve):
    """
    A connection on which nonsense comes is ended, and the next request gets a new one.
    """
    server = await serve(inTurn(lambda heard: heard.connection.transport.write(b"HTTP/1.1 400 Bad\r\n" * 9), answers()))

    results = [(await outcomes([asked(http, push(server.url, n))]))[0] for n in range(2)]

    assert isinstance(results[0], ConnectionBroke)
    assert 200 == results[1]
    await until(lambda: server.connections[0].ended)


@pytest_twisted.ensureDeferred
async def test_frameThatIsTooLarge(http, serve):
    """
    A frame larger than we take is not waited for.
    """
    server = await serve(lambda heard: heard.connection.transport.write(b"\xff\xff\xff\x00\x00\x00\x00\x00\x01"))

    (result,) = await outcomes(pushes(http, server, 1))

    assert isinstance(result, ConnectionBroke)


@pytest_twisted.ensureDeferred
async def test_X20_deadPath(make, serve):
    """
    X-20: A path that leads nowhere is noticed long before the deadline, by a ping without an answer.
    """
    http = make(tuning=IMPATIENT)
    server = await serve()
    assert [200] == await outcomes(pushes(http, server, 1))
    server.connections[0].freeze()

    results = await outcomes([asked(http, push(server.url, 1, deadline=30.0))])

    assert isinstance(results[0], ConnectionBroke)
    assert results[0].maybeSent
    assert [200] == await outcomes([asked(http, push(server.url, 2))])


@pytest_twisted.ensureDeferred
async def test_slowAnswersAreNoDeadPath(make, serve):
    """
    Whoever answers pings may take its time for the rest.
    """
    # However late this process is with reading them.
    http = make(tuning=replace(IMPATIENT, pingWithin=30.0))
    held = []
    server = await serve(held.append)
    asking = pushes(http, server, 1)
    await until(lambda: server.connections and server.connections[0].pings >= 2)

    held[0].answer()

    assert [200] == await outcomes(asking)
    assert 1 == len(server.connections)


@pytest_twisted.ensureDeferred
async def test_usedAgainAfterSilence(make, serve):
    """
    A connection that was idle is asked for a sign of life as soon as it is used again.
    """
    http = make(tuning=replace(PATIENT, pingAfter=0.2, pingWithin=5.0))
    server = await serve()
    await http.request(push(server.url))
    start = server.heard[0].when
    await until(lambda: time.monotonic() > start + 0.25)
    assert 0 == server.connections[0].pings

    await http.request(push(server.url, 1))

    await until(lambda: 1 == server.connections[0].pings)


@pytest_twisted.ensureDeferred
async def test_streamNumbersRunOut(make, serve, makeEngine):
    """
    When the numbers of its streams run out a connection gives way to another, and nothing is lost.
    """
    http = make(makeEngine=lambda: makeEngine(firstStream=2**31 - 5))
    server = await serve()

    assert [200] * 10 == await outcomes(pushes(http, server, 10))

    assert once(server, 10)
    assert 4 == len(server.connections)
    await until(lambda: all(connection.ended for connection in server.connections[:3]))


# Writing


@pytest_twisted.ensureDeferred
async def test_oneWritePerTurn(http, serve):
    """
    A burst of pushes leaves in one piece.
    """
    server = await serve()
    await http.request(push(server.url))
    pieces = []
    (pool,) = http._pools.values()
    (session,) = pool._connections.able
    write = session.transport.write
    session.transport.write = lambda data: (pieces.append(data), write(data))

    assert [200] * 50 == await outcomes([asked(http, push(server.url, n)) for n in range(50)])

    assert 1 == len([piece for piece in pieces if len(piece) > 100])


@pytest_twisted.ensureDeferred
async def test_backPressure(make, serve):
    """
    Whoever does not listen gets no more than the path holds: the rest waits, and is not buffered.
    """
    http = make(tuning=replace(PATIENT, pingAfter=60.0, connections=1))
    server = await serve(settings={WINDOW: 2**30})
    server.atConnection = lambda connection: connection.act(lambda h2: h2.increment_flow_control_window(2**30))
    await http.request(push(server.url, 1000))
    server.connections[0].transport.pauseProducing()
    (pool,) = http._pools.values()
    (session,) = pool._connections.able

    asking = pushes(http, server, 300, body=b"x" * 100_000)
    await until(lambda: session._outgoing.paused)

    assert session.load < 300
    server.connections[0].transport.resumeProducing()
    assert [200] * 300 == await outcomes(asking)
    assert {f"id-{n}" for n in (*range(300), 1000)} == set(server.processed)
    assert {1} == set(server.processed.values())


@pytest_twisted.ensureDeferred
async def test_soManyOrigins(make, serve):
    """
    However many servers are asked, so many have connections: those that were asked last. One that was left may be asked
    again.
    """
    http = make(tuning=replace(PATIENT, origins=2))
    standIns = [await serve(answers(200)) for _ in range(3)]

    for which in (0, 1, 0, 2):
        assert 200 == (await http.request(push(standIns[which].url))).status
    await until(lambda: not standIns[1].open)

    assert [1, 0, 1] == [len(standIn.open) for standIn in standIns]
    assert 200 == (await http.request(push(standIns[1].url))).status
    await until(lambda: not standIns[0].open)
    assert [1, 2, 1] == [len(standIn.connections) for standIn in standIns]
