"""
Accounts in SQL, with several processes at one database.
"""

import psycopg
from pytest_twisted import ensureDeferred
from twisted.internet.defer import ensureDeferred as started
from twisted.internet.defer import gatherResults
from twisted.internet.task import deferLater

from pushsvc.enablement import ContentOptions
from tests.contracts.enablements import JULIET, SERVICE, enablement

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@ensureDeferred
async def test_droppedWhileWaitingForIt(opened, postgresqlURL):
    """
    An account that another process drops while we wait for its lock is made anew, and nobody is told of trouble.
    """
    from twisted.internet import reactor

    storage = opened(postgresqlURL)
    await storage.enablements.enable(enablement("old"), 5)
    where = "host={} user=pushsvc dbname=postgres".format(postgresqlURL.rpartition("=")[2])
    with psycopg.connect(where) as other, psycopg.connect(where, autocommit=True) as watching:
        other.execute("SELECT * FROM accounts FOR UPDATE")
        enabling = started(storage.enablements.enable(enablement("new"), 5))
        while not watching.execute(WAITING).fetchone()[0]:
            assert not enabling.called
            await deferLater(reactor, 0.01)
        other.execute("DELETE FROM accounts")
        other.commit()

        assert [] == list(await enabling)

    assert ["new"] == [each.node for each in await storage.enablements.ofAccount(JULIET)]


@ensureDeferred
async def test_twoProcesses(opened, sqlURL):
    """
    What two processes hear of one account at once adds up, and of what both enable first one is the first.
    """
    storages = [opened(sqlURL), opened(sqlURL)]
    firsts = []

    def choose(before: ContentOptions, isFirst: bool) -> ContentOptions:
        firsts.append(isFirst)
        return before

    def both(ask):
        return gatherResults([started(ask(number, storage.enablements)) for number, storage in enumerate(storages)])

    await both(lambda number, kept: kept.enable(enablement(f"n{number}"), 5, choose))
    for _ in range(5):
        await both(lambda number, kept: kept.pend(JULIET, 1, 0, [f"s{number}"]))

    account = await storages[0].enablements.account(JULIET)
    assert [False, True] == sorted(firsts)
    assert (10, {"s0", "s1"}) == (account.pending.messages, account.pending.sessions)
    assert {"n0", "n1"} == {each.node for each in account.enablements}
    await both(lambda number, kept: kept.disable(JULIET, SERVICE))
    assert () == (await storages[1].enablements.account(JULIET)).enablements
