"""
What every `INodes` promises. Whoever uses this class has a fixture ``storage``: an open, empty `IStorage`.
"""

from dataclasses import replace
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.defer import ensureDeferred as started
from twisted.internet.defer import gatherResults
from zope.interface.verify import verifyObject

from pushsvc.errors import NodeExists, NoSuchNode, NotAllowed, QuotaReached
from pushsvc.ipushsvc import INodes
from pushsvc.leaf import Item, Leaf
from pushsvc.model import digest

HOST = "push.example.net"
JULIET = "juliet@example.org"
ROMEO = "romeo@example.org"


def leaf(name: str = "n", creator: str = JULIET, **more: Any) -> Leaf:
    """
    A node, and its creator's.
    """
    settings = {"host": HOST, "affiliations": {creator: "owner"}, **more}
    return Leaf(name, "push", creator=creator, **settings)


class NodesContract:
    """
    Statements about nodes that somebody created.
    """

    @pytest.fixture(autouse=True)
    def _nodes(self, storage: Any) -> None:
        self.storage = storage
        self.nodes = storage.nodes

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(INodes, self.nodes)

    @ensureDeferred
    async def test_keepsAllOfIt(self) -> None:
        """
        What was created is found, to the last letter; on its host, and on no other.
        """
        full = leaf(
            "☃ 'n\"",
            configuration={"pubsub#title": "☃", "pubsub#persist_items": "1"},
            digest=digest("secret"),
            affiliations={JULIET: "owner", "example.org": "publish-only"},
            subscribers=(f"{JULIET}/b", "push.example.com"),
            item=Item("i", "<notification xmlns='urn:xmpp:push:0'>☃</notification>"),
        )

        await self.nodes.create(full, 5)
        await self.nodes.create(leaf("plain"), 5)

        assert full == await self.nodes.find(HOST, full.identifier)
        found = await self.nodes.find(HOST, full.identifier)
        assert (full.configuration, full.affiliations) == (found.configuration, found.affiliations)
        assert leaf("plain") == await self.nodes.find(HOST, "plain")
        assert await self.nodes.find("other.example.net", "plain") is None
        assert await self.nodes.find(HOST, "unknown") is None

    @ensureDeferred
    async def test_0060_16_taken(self) -> None:
        """
        0060-16: A name is given once on each host, whoever asks, and however many ask at once.
        """
        await self.nodes.create(leaf(), 5)
        await self.nodes.create(leaf(host="other.example.net"), 5)

        with pytest.raises(NodeExists):
            await self.nodes.create(leaf(creator=ROMEO), 5)
        asked = [started(self._tried(leaf("m", creator))) for creator in (JULIET, ROMEO)]
        assert ["NodeExists", "created"] == sorted(await gatherResults(asked))
        assert leaf() == await self.nodes.find(HOST, "n")

    @ensureDeferred
    async def test_quota(self) -> None:
        """
        Somebody may have so many nodes, on all hosts together; what others have does not count.
        """
        await self.nodes.create(leaf("a"), 2)
        await self.nodes.create(leaf("b", host="other.example.net"), 2)

        with pytest.raises(QuotaReached):
            await self.nodes.create(leaf("c"), 2)
        await self.nodes.create(leaf("c", ROMEO), 2)
        await self.nodes.change(HOST, "a", lambda known: None)
        await self.nodes.create(leaf("d"), 2)

    @ensureDeferred
    async def test_change(self) -> None:
        """
        A change begins with what there is, and is told what there was and what there is.
        """
        await self.nodes.create(leaf(), 5)

        before, after = await self.nodes.change(HOST, "n", lambda known: replace(known, subscribers=("a@example.org",)))

        assert (leaf(), leaf(subscribers=("a@example.org",))) == (before, after)
        assert after == await self.nodes.find(HOST, "n")

    @ensureDeferred
    async def test_changesAtOnce(self) -> None:
        """
        Of several changes asked for at once, none is lost.
        """
        await self.nodes.create(leaf(), 5)
        jids = [f"{name}@example.org" for name in "abcdef"]

        await gatherResults(
            [
                started(
                    self.nodes.change(HOST, "n", lambda known, j=j: replace(known, subscribers=(*known.subscribers, j)))
                )
                for j in jids
            ]
        )

        assert jids == sorted((await self.nodes.find(HOST, "n")).subscribers)

    @ensureDeferred
    async def test_refusedChange(self) -> None:
        """
        A change that is refused changes nothing, and keeps no other asked for at once from being made.
        """
        await self.nodes.create(leaf(), 5)
        await self.nodes.create(leaf("other"), 5)

        def refuse(known: Leaf) -> Leaf:
            raise NotAllowed("no")

        refused = started(self.nodes.change(HOST, "n", refuse))
        made = started(self.nodes.change(HOST, "other", lambda known: replace(known, subscribers=("x",))))
        with pytest.raises(NotAllowed):
            await refused
        await made

        assert leaf() == await self.nodes.find(HOST, "n")
        assert ("x",) == (await self.nodes.find(HOST, "other")).subscribers

    @ensureDeferred
    async def test_changeOfNothing(self) -> None:
        """
        What is not there cannot be changed; what was deleted is not there.
        """
        await self.nodes.create(leaf(), 5)

        deleted, nothing = await self.nodes.change(HOST, "n", lambda known: None)

        assert (leaf(), None) == (deleted, nothing)
        assert await self.nodes.find(HOST, "n") is None
        for _ in range(2):
            with pytest.raises(NoSuchNode):
                await self.nodes.change(HOST, "n", lambda known: known)

    @ensureDeferred
    async def test_concerning(self) -> None:
        """
        Nodes are found by whom they concern, as long as they do: by affiliation, or by subscription whatever the
        resource.
        """
        await self.nodes.create(leaf("a", affiliations={JULIET: "owner", ROMEO: "member"}), 5)
        await self.nodes.create(leaf("b", subscribers=(f"{ROMEO}/orchard",)), 5)
        await self.nodes.create(leaf("c", host="other.example.net", subscribers=(ROMEO,)), 5)

        assert ["a", "b"] == await self._namesOf(JULIET)
        assert ["a", "b"] == await self._namesOf(ROMEO)
        assert ["a"] == await self._namesOf(ROMEO, 1)
        await self.nodes.change(HOST, "b", lambda known: replace(known, subscribers=("nurse@example.org",)))
        await self.nodes.change(HOST, "a", lambda known: None)
        assert [] == await self._namesOf(ROMEO)
        assert ["b"] == await self._namesOf("nurse@example.org")

    @ensureDeferred
    async def test_MIM10_removeOf(self) -> None:
        """
        MIM-10: All nodes that somebody created can be removed, and nobody else's.
        """
        await self.nodes.create(leaf("a"), 5)
        await self.nodes.create(leaf("b", host="other.example.net"), 5)
        await self.nodes.create(leaf("c", ROMEO, affiliations={ROMEO: "owner", JULIET: "owner"}), 5)

        assert 2 == await self.nodes.removeOf(JULIET)

        assert 0 == await self.nodes.removeOf(JULIET)
        assert await self.nodes.find(HOST, "a") is None
        assert ["c"] == await self._namesOf(JULIET)

    async def _namesOf(self, jid: str, limit: int = 10) -> list[str]:
        return [found.identifier for found in await self.nodes.concerning(HOST, jid, limit)]

    async def _tried(self, created: Leaf) -> str:
        try:
            await self.nodes.create(created, 5)
        except NodeExists as e:
            return type(e).__name__
        return "created"
