"""
What every `IEnablements` promises. Whoever uses this class has a fixture ``storage``: an open, empty `IStorage`.
"""

from dataclasses import replace
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import gatherResults
from zope.interface.verify import verifyObject

from pushsvc.enablement import Account, ContentOptions, Enablement, Pending
from pushsvc.ipushsvc import IEnablements
from pushsvc.model import Kind, Notification, Target, Waiting

JULIET = "juliet@example.org"
ROMEO = "romeo@example.org"
SERVICE = "push.example.net"


def enablement(node: str = "n", account: str = JULIET, **more: Any) -> Enablement:
    """
    One push service that an account wants told.
    """
    settings = {"service": SERVICE, "enabled": 1.0, "used": 1.0, **more}
    return Enablement(account=account, node=node, **settings)


def waitingFor(enabled: Enablement) -> Waiting:
    """
    Something that an enabled service is to be told.
    """
    target = Target(enabled.key, "publisher", enabled.node)
    return Waiting(target, Notification(), "push", "lane", expires=1e12, due=0.0)


class EnablementsContract:
    """
    Statements about what accounts have enabled.
    """

    @pytest.fixture(autouse=True)
    def _enablements(self, storage: Any) -> None:
        self.storage = storage
        self.enablements = storage.enablements

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IEnablements, self.enablements)

    @ensureDeferred
    async def test_MIM21_keepsAllOfIt(self) -> None:
        """
        MIM-21: what was enabled is there, to the last letter, oldest first, and nobody else's.
        """
        first = enablement(
            "\u2603",
            form="<x xmlns='jabber:x:data'/>",
            options={"secret": ("s",), "several": ("a", "b"), "none": ()},
            extras={"encrypt": "key"},
            session="balcony",
            failures=2,
            suspended=0.25,
        )
        second = enablement("", enabled=2.5)

        assert [] == list(await self.enablements.enable(first, 5))
        await self.enablements.enable(second, 5)

        assert [first, second] == list(await self.enablements.ofAccount(JULIET))
        assert [] == list(await self.enablements.ofAccount(ROMEO))

    @ensureDeferred
    async def test_0357_14_again(self) -> None:
        """
        0357-14: what is enabled again is as it was enabled last.
        """
        await self.enablements.enable(enablement(form="a", failures=3, suspended=1.0), 5)
        again = enablement(form="b", enabled=2.0)

        await self.enablements.enable(again, 5)

        assert [again] == list(await self.enablements.ofAccount(JULIET))

    @ensureDeferred
    async def test_PR6_theLeastUsedLeaves(self) -> None:
        """
        PR-6: an account has so many services and no more; the one that was not used for longest leaves.
        """
        old, unused, new = enablement("a", used=9.0), enablement("b", used=2.0), enablement("c", used=3.0)
        for each in (old, unused, new):
            await self.enablements.enable(each, 3)
        await self.storage.outbox.put(waitingFor(unused), 0.0)
        newest = enablement("d", used=1.0)

        left = await self.enablements.enable(newest, 3)

        assert [unused] == list(left)
        assert [old, new, newest] == list(await self.enablements.ofAccount(JULIET))
        assert {} == await self.storage.outbox.standings()

    @ensureDeferred
    async def test_disable(self) -> None:
        """
        One node is forgotten, or all of a service, and what waits for them; unknown ones are nothing.
        """
        a, b, bare, other = (
            enablement("a"),
            enablement("b"),
            enablement(""),
            enablement("a", service="push.example.com"),
        )
        for each in (a, b, bare, other):
            await self.enablements.enable(each, 9)
            await self.storage.outbox.put(waitingFor(each), 0.0)

        assert [] == list(await self.enablements.disable(JULIET, SERVICE, "c"))
        assert [] == list(await self.enablements.disable(ROMEO, SERVICE))
        assert [a] == list(await self.enablements.disable(JULIET, SERVICE, "a"))
        assert [bare] == list(await self.enablements.disable(JULIET, SERVICE, ""))
        assert [b] == list(await self.enablements.disable(JULIET, SERVICE))

        assert [other] == list(await self.enablements.ofAccount(JULIET))
        assert 1 == (await self.storage.outbox.standings())["publisher"].count

    @ensureDeferred
    async def test_MP49_options(self) -> None:
        """
        MP-49: what an account has chosen stays until its last service goes.
        """
        chosen = ContentOptions(senders=True, bodies=False)
        asked = []

        def choose(before: ContentOptions, isFirst: bool) -> ContentOptions:
            asked.append((before, isFirst))
            return chosen

        await self.enablements.enable(enablement("a"), 5, choose)
        await self.enablements.enable(enablement("b"), 5)
        await self.enablements.enable(enablement("c"), 5, choose)
        await self.enablements.disable(JULIET, SERVICE, "a")
        assert [(ContentOptions(), True), (chosen, False)] == asked
        assert chosen == (await self.enablements.account(JULIET)).options

        await self.enablements.disable(JULIET, SERVICE)
        assert ContentOptions() == (await self.enablements.account(JULIET)).options

    @ensureDeferred
    async def test_MP44_oneIsTheFirst(self) -> None:
        """
        MP-44: of several that enable something at once one is the first.
        """
        firsts = []

        def choose(before: ContentOptions, isFirst: bool) -> ContentOptions:
            firsts.append(isFirst)
            return before

        await gatherResults(
            [_deferred(self.enablements.enable(enablement(f"n{number}"), 9, choose)) for number in range(4)]
        )

        assert [False, False, False, True] == sorted(firsts)

    @ensureDeferred
    async def test_MP43_whoEnablesIsThere(self) -> None:
        """
        MP-43: with a new enablement the counters begin anew; sessions of others wait on.
        """
        await self.enablements.enable(enablement("a", session="a"), 5)
        await self.enablements.pend(JULIET, 3, 2, ["a", "b"])

        await self.enablements.enable(enablement("a", session="a", enabled=2.0), 5)

        assert Pending(sessions=frozenset({"b"})) == (await self.enablements.account(JULIET)).pending

    @ensureDeferred
    async def test_nothingWaitsWithoutAService(self) -> None:
        """
        Nothing is kept of accounts that have nothing enabled.
        """
        assert Account() == await self.enablements.pend(JULIET, 1, 1, ["x"])
        assert Pending() == await self.enablements.settle(JULIET, "x")
        assert [] == list(await self.enablements.everybodyPending("", 10))

    @ensureDeferred
    async def test_revise(self) -> None:
        """
        What services answer is remembered, but not of one that was enabled anew since.
        """
        before, other = enablement(), enablement("other")
        for each in (before, other):
            await self.enablements.enable(each, 5)

        revised = await self.enablements.revise(before, lambda known: replace(known, failures=known.failures + 3))
        assert replace(before, failures=3) == revised
        # It is asked of what is known, not of what was.
        revised = await self.enablements.revise(before, lambda known: replace(known, failures=known.failures + 1))
        assert replace(before, failures=4) == revised
        assert [revised, other] == list(await self.enablements.ofAccount(JULIET))

        anew = enablement(enabled=8.0)
        await self.enablements.enable(anew, 5)
        assert await self.enablements.revise(before, lambda known: None) is None
        assert await self.enablements.revise(enablement("gone"), lambda known: known) is None

        assert [other, anew] == list(await self.enablements.ofAccount(JULIET))

    @ensureDeferred
    async def test_reviseAway(self) -> None:
        """
        What is revised away is forgotten, with what waits for it; the last one with everything of the account.
        """
        known = enablement()
        await self.enablements.enable(known, 5, lambda before, isFirst: ContentOptions(senders=True))
        await self.storage.outbox.put(waitingFor(known), 0.0)

        await self.enablements.revise(known, lambda known: None)

        assert Account() == await self.enablements.account(JULIET)
        assert {} == await self.storage.outbox.standings()

    @ensureDeferred
    async def test_pending(self) -> None:
        """
        What waits adds up, also when it is reported all at once, and is settled for a session or for all.
        """
        await self.enablements.enable(enablement(), 5)

        await gatherResults(
            [_deferred(self.enablements.pend(JULIET, 1, number % 2, [f"s{number}"])) for number in range(4)]
        )
        waits = await self.enablements.pend(JULIET, 1, 0)

        assert Pending(5, 2, frozenset({"s0", "s1", "s2", "s3"})) == waits.pending
        assert waits == await self.enablements.account(JULIET)
        assert waits.pending == await self.enablements.settle(JULIET, "s3", counts=False)
        assert Pending(5, 2, frozenset({"s0", "s1", "s2"})) == await self.enablements.settle(JULIET, "s0")
        assert Pending(sessions=frozenset({"s1", "s2"})) == await self.enablements.settle(JULIET)
        assert Pending() == (await self.enablements.account(JULIET)).pending

    @ensureDeferred
    async def test_TG4_whoKnowsIsNotWoken(self) -> None:
        """
        TG-4: of what waits in the outbox, messages and calls go that were put there before a session came back, if it
        enabled what they are for, and messages that were before everything was read; what clears a notification stays.
        """
        phone, tablet = enablement("phone", session="phone"), enablement("tablet", session="tablet")
        for each in (phone, tablet, enablement("other", ROMEO)):
            await self.enablements.enable(each, 5)
            for kind in Kind:
                notification = Notification(kind)
                await self.storage.outbox.put(replace(waitingFor(each), notification=notification), 0.0)

        await self.enablements.settle(JULIET, "phone")
        await self.enablements.settle(JULIET, "phone", before=-1.0)
        assert 9 == (await self.storage.outbox.standings())["publisher"].count
        await self.enablements.settle(JULIET, "phone", before=1e12)
        assert {("phone", Kind.CLEAR), *((node, kind) for node in ("tablet", "other") for kind in Kind)} == (
            await self._waiting()
        )
        await self.enablements.settle(JULIET, before=1e12)

        clears = {(node, Kind.CLEAR) for node in ("phone", "tablet")}
        # Who has read everything has answered no call.
        others = [("tablet", Kind.CALL), *(("other", kind) for kind in Kind)]
        assert {*clears, *others} == await self._waiting()

    @ensureDeferred
    async def test_TG4_chats(self) -> None:
        """
        TG-4: of messages it is kept how many are of which chat, until that is read, or nothing waits any more.
        """
        await self.enablements.enable(enablement(), 5)
        await self.enablements.pend(JULIET, 3, 1, ["s"], {"a": 2, "b": 1})
        waits = await self.enablements.pend(JULIET, 2, 0, chats={"b": 1})

        assert Pending(5, 1, frozenset({"s"}), {"a": 2, "b": 2}) == waits.pending
        assert waits == await self.enablements.account(JULIET)
        assert Pending(3, 1, frozenset({"s"}), {"a": 2}) == await self.enablements.read(JULIET, ["b", "c"])
        assert Pending(1, 1, frozenset({"s"})) == await self.enablements.read(JULIET, ["a"])
        await self.enablements.pend(JULIET, 1, 0, chats={"a": 1})
        await self.enablements.settle(JULIET)
        assert Pending() == (await self.enablements.account(JULIET)).pending
        assert Pending() == await self.enablements.read("nobody@example.org", ["a"])

    @ensureDeferred
    @pytest.mark.parametrize("isEnabled", [True, False])
    async def test_TG4_underOtherKeys(self, isEnabled: bool) -> None:
        """
        TG-4, MP-43: what waits for it under another key goes as well, when its client is back, or enables it again.
        """
        phone = enablement("phone", session="phone")
        await self.enablements.enable(phone, 5)
        for device in ("device", "other"):
            waiting = replace(waitingFor(phone), target=Target(device, "app", device))
            await self.storage.outbox.put(waiting, 0.0)
        await self.enablements.pend(JULIET, 1, 0)

        if isEnabled:
            await self.enablements.enable(replace(phone, enabled=1e12), 5, None, ["device"])
        else:
            await self.enablements.settle(JULIET, "phone", before=1e12, others=["device"])

        assert {("other", Kind.MESSAGE)} == await self._waiting()

    @ensureDeferred
    async def test_MP43_whoEnablesAgainIsNotWoken(self) -> None:
        """
        MP-43: what waits in the outbox for what a client enables again goes: the client is there.
        """
        phone, tablet = enablement("phone"), enablement("tablet")
        for each in (phone, tablet):
            await self.enablements.enable(each, 5)
            await self.storage.outbox.put(waitingFor(each), 0.0)
        await self.enablements.pend(JULIET, 1, 0)

        await self.enablements.enable(replace(phone, enabled=1e12), 5)

        assert {("tablet", Kind.MESSAGE)} == await self._waiting()

    async def _waiting(self) -> set[tuple[str, Kind]]:
        found = await self.storage.outbox.claim("me", 1e6, 1e6, 99)
        await self.storage.outbox.release("me", 0.0)
        return {(each.target.token, each.notification.kind) for each in found}

    @ensureDeferred
    async def test_everybodyPending(self) -> None:
        """
        All for whom something waits can be leafed through.
        """
        names = [f"user{number}@example.org" for number in range(5)]
        for name in names:
            await self.enablements.enable(enablement(account=name), 5)
        for name in names[1:]:
            await self.enablements.pend(name, 1, 0)
        await self.enablements.settle(names[2])

        first = await self.enablements.everybodyPending("", 2)
        rest = await self.enablements.everybodyPending(first[-1], 2)

        assert [names[1], names[3]] == list(first)
        assert [names[4]] == list(rest)

    @ensureDeferred
    async def test_pages(self) -> None:
        """
        All of whom something is kept can be leafed through.
        """
        names = [f"user{number}@example.org" for number in range(3)]
        for name in reversed(names):
            await self.enablements.enable(enablement(account=name), 5)
        await self.enablements.pend(names[1], 2, 0)

        first = await self.enablements.page("", 2)
        rest = await self.enablements.page(first[-1][0], 2)

        assert names == [name for name, _ in (*first, *rest)]
        assert [await self.enablements.account(name) for name in names] == [kept for _, kept in (*first, *rest)]

    @ensureDeferred
    async def test_expire(self) -> None:
        """
        What was enabled long ago is forgotten, and what has been on probation for long, with what waits for them.
        """
        old, stays = enablement("old", enabled=1.0), enablement("stays", enabled=9.0)
        suspended = enablement("x", ROMEO, enabled=9.0, suspended=2.0)
        young = enablement("y", ROMEO, enabled=9.0, suspended=8.0)
        for each in (old, stays, suspended, young):
            await self.enablements.enable(each, 5)
        await self.storage.outbox.put(waitingFor(old), 0.0)

        assert 2 == await self.enablements.expire(5.0, 5.0)

        assert [stays] == list(await self.enablements.ofAccount(JULIET))
        assert [young] == list(await self.enablements.ofAccount(ROMEO))
        assert {} == await self.storage.outbox.standings()

    @ensureDeferred
    async def test_forget(self) -> None:
        """
        Of an account that is gone nothing stays.
        """
        enabled = enablement()
        await self.enablements.enable(enabled, 5)
        await self.enablements.pend(JULIET, 3, 0)
        await self.storage.outbox.put(waitingFor(enabled), 0.0)

        await self.enablements.forget(JULIET)

        assert [] == list(await self.enablements.ofAccount(JULIET))
        assert Account() == await self.enablements.account(JULIET)
        assert {} == await self.storage.outbox.standings()


def _deferred(coroutine: Any) -> Any:
    from twisted.internet.defer import ensureDeferred as begin

    return begin(coroutine)
