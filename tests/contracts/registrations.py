"""
What every `IRegistrations` promises. Whoever uses this class has a fixture ``storage``: an open, empty `IStorage`.
"""

from dataclasses import replace
from typing import Any

from pytest_twisted import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc.ipushsvc import IRegistrations
from pushsvc.model import Notification, Registration, Target, Waiting, digest

ROMEO = "romeo@montague.example"
JULIET = "juliet@capulet.example"
FIRST, SECOND, THIRD = digest("first"), digest("second"), digest("third")


def registration(node: str = "node1", **changes: Any) -> Registration:
    """
    A phone of Romeo's.
    """
    plain = Registration(
        node=node,
        host="push.example.org",
        owner=ROMEO,
        deviceId="phone",
        target=Target(key=node, app="chatninja", token="token1", details={"sandbox": "1"}),
        digests=(FIRST,),
        registered=1000.0,
        renewed=1000.0,
        deviceName="Romeo’s phone",
    )
    return replace(plain, **changes)


def waitingFor(known: Registration) -> Waiting:
    """
    A notification for a registered device.
    """
    return Waiting(known.target, Notification(), f"push-{known.node}", "chatninja", expires=9000.0, due=2000.0)


class RegistrationsContract:
    """
    Statements about registrations.
    """

    def test_interface(self, storage: Any) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IRegistrations, storage.registrations)

    @ensureDeferred
    async def test_newDevice(self, storage: Any) -> None:
        """
        What was registered is found by its node, every field of it.
        """
        proposed = registration(room="room@muc.example")

        stored = await storage.registrations.register(proposed)

        assert stored == proposed
        assert await storage.registrations.byNode("node1") == proposed

    @ensureDeferred
    async def test_renaming(self, storage: Any) -> None:
        """
        A device that is called otherwise keeps all else, is found by its node at once, and registers again under its
        new id.
        """
        await storage.registrations.register(registration())
        await storage.registrations.byNode("node1")

        await storage.registrations.rename(ROMEO, "node1", "tablet")

        renamed = registration(deviceId="tablet")
        assert await storage.registrations.byNode("node1") == renamed
        assert await storage.registrations.ofOwner(ROMEO) == [renamed]
        again = await storage.registrations.register(registration("node2", deviceId="tablet"))
        assert again.node == "node1"
        assert (await storage.registrations.register(registration("node3"))).node == "node3"

    @ensureDeferred
    async def test_renamingNothing(self, storage: Any) -> None:
        """
        Nobody renames another account's device, nor takes the id of another device of his for the same room.
        """
        await storage.registrations.register(registration())
        await storage.registrations.register(registration("node2", deviceId="tablet"))
        await storage.registrations.register(registration("node3", deviceId="watch", room="room@muc.example"))

        await storage.registrations.rename(JULIET, "node1", "stolen")
        await storage.registrations.rename(ROMEO, "node1", "tablet")
        await storage.registrations.rename(ROMEO, "none", "ghost")
        await storage.registrations.rename(ROMEO, "node1", "watch")

        found = {known.node: known.deviceId for known in await storage.registrations.ofOwner(ROMEO)}
        assert found == {"node1": "watch", "node2": "tablet", "node3": "watch"}

    @ensureDeferred
    async def test_knownDevice(self, storage: Any) -> None:
        """
        A device that registers again keeps its node, its age and its secrets; everything else is as it now says.
        """
        await storage.registrations.register(registration())
        proposed = registration(
            "node2",
            host="push2.example.org",
            target=Target("node2", "ninja2", "token2", {"topic": "x"}),
            digests=(SECOND,),
            registered=2000.0,
            renewed=2000.0,
            deviceName=None,
        )

        stored = await storage.registrations.register(proposed)

        assert stored == replace(
            proposed,
            node="node1",
            target=Target("node1", "ninja2", "token2", {"topic": "x"}),
            digests=(FIRST, SECOND),
            registered=1000.0,
        )
        assert await storage.registrations.byNode("node1") == stored
        assert await storage.registrations.byNode("node2") is None

    @ensureDeferred
    async def test_withoutSecret(self, storage: Any) -> None:
        """
        A registration that issues no secret leaves those there are.
        """
        await storage.registrations.register(registration())

        stored = await storage.registrations.register(registration(digests=()))

        assert stored.digests == (FIRST,)

    @ensureDeferred
    async def test_eightSecrets(self, storage: Any) -> None:
        """
        Of many secrets, the last used one and the seven newest are kept.
        """
        issued = [digest(f"secret{number}") for number in range(12)]

        for each in issued:
            await storage.registrations.register(registration(digests=(each,)))

        kept = (await storage.registrations.byNode("node1")).digests
        assert kept == (issued[0], *issued[-7:])

    @ensureDeferred
    async def test_rooms(self, storage: Any) -> None:
        """
        A device may be registered once for each room, and once for none.
        """
        rooms = [None, "a@muc.example", "b@muc.example"]
        for number, room in enumerate(rooms):
            await storage.registrations.register(registration(f"node{number}", room=room))

        again = [(await storage.registrations.register(registration("new", room=room))).node for room in rooms]

        assert again == ["node0", "node1", "node2"]
        assert [known.room for known in await storage.registrations.ofOwner(ROMEO)] == rooms

    @ensureDeferred
    async def test_sameDeviceIdOfOther(self, storage: Any) -> None:
        """
        Device ids belong to their owners: two accounts may have the same.
        """
        await storage.registrations.register(registration("node1"))

        stored = await storage.registrations.register(registration("node2", owner=JULIET))

        assert stored.node == "node2"

    @ensureDeferred
    async def test_unknownNode(self, storage: Any) -> None:
        """
        A node that never was is nobody's.
        """
        assert await storage.registrations.byNode("nowhere") is None

    @ensureDeferred
    async def test_ofOwner(self, storage: Any) -> None:
        """
        An account's registrations come oldest first, without those of others.
        """
        for node, owner, since in (("b", ROMEO, 3.0), ("c", ROMEO, 1.0), ("a", ROMEO, 2.0), ("d", JULIET, 0.0)):
            await storage.registrations.register(registration(node, owner=owner, deviceId=node, registered=since))

        found = await storage.registrations.ofOwner(ROMEO)

        assert [known.node for known in found] == ["c", "a", "b"]
        assert list(await storage.registrations.ofOwner("nobody@example.org")) == []

    @ensureDeferred
    async def test_pages(self, storage: Any) -> None:
        """
        All registrations can be leafed through: each is on one page, and a page says where the next begins.
        """
        nodes = [f"node{number}" for number in range(5)]
        for node in nodes:
            await storage.registrations.register(registration(node, deviceId=node))

        pages = []
        after = ""
        while page := await storage.registrations.page(after, 2):
            pages.append([known.node for known in page])
            after = page[-1].node

        assert [2, 2, 1] == [len(page) for page in pages]
        assert nodes == sorted(node for page in pages for node in page)

    @ensureDeferred
    async def test_pagesOfSome(self, storage: Any) -> None:
        """
        Leafing may be confined to an account, an app, or both; what comes is whole.
        """
        other = Target("c", "other", "token1")
        first = registration("a", target=Target("a", "chatninja", "token1", {"sandbox": "1"}))
        for known in (first, registration("b", owner=JULIET), registration("c", deviceId="c", target=other)):
            await storage.registrations.register(known)

        assert [first] == list(await storage.registrations.page("", 9, ROMEO, "chatninja"))
        assert {"a", "c"} == {known.node for known in await storage.registrations.page("", 9, owner=ROMEO)}
        assert {"c"} == {known.node for known in await storage.registrations.page("", 9, app="other")}

    @ensureDeferred
    async def test_counts(self, storage: Any) -> None:
        """
        Registrations are counted by app: all, or those of an account.
        """
        other = Target("c", "other", "token1")
        for known in (
            registration("a"), registration("b", owner=JULIET), registration("c", deviceId="c", target=other)
        ):
            await storage.registrations.register(known)

        assert {"chatninja": 2, "other": 1} == await storage.registrations.counts()
        assert {"chatninja": 1} == await storage.registrations.counts(JULIET)
        assert {} == await storage.registrations.counts("nobody@example.org")

    @ensureDeferred
    async def test_secretUsed(self, storage: Any) -> None:
        """
        The use of a secret forgets those issued before it, and no other.
        """
        for each in (FIRST, SECOND, THIRD):
            await storage.registrations.register(registration(digests=(each,)))

        await storage.registrations.secretUsed("node1", SECOND)

        assert (await storage.registrations.byNode("node1")).digests == (SECOND, THIRD)

    @ensureDeferred
    async def test_unknownSecretUsed(self, storage: Any) -> None:
        """
        A secret that is not the registration's, or no registration's at all, changes nothing.
        """
        await storage.registrations.register(registration())

        await storage.registrations.secretUsed("node1", THIRD)
        await storage.registrations.secretUsed("nowhere", FIRST)

        assert (await storage.registrations.byNode("node1")).digests == (FIRST,)

    @ensureDeferred
    async def test_MP21_MP22_remove(self, storage: Any) -> None:
        """
        MP-21, MP-22: own nodes are removed; unknown ones and those of others are skipped alike.
        """
        for node, owner in (("a", ROMEO), ("b", ROMEO), ("c", ROMEO), ("d", JULIET)):
            await storage.registrations.register(registration(node, owner=owner, deviceId=node))

        removed = await storage.registrations.remove(ROMEO, ["c", "d", "nowhere", "a", "c"])

        assert [known.node for known in removed] == ["c", "a"]
        assert [known.node for known in await storage.registrations.ofOwner(ROMEO)] == ["b"]
        assert await storage.registrations.byNode("c") is None
        assert await storage.registrations.byNode("d") is not None

    @ensureDeferred
    async def test_removedWaitForNothing(self, storage: Any) -> None:
        """
        What waits for a removed registration goes with it; what waits for others stays.
        """
        for node in ("a", "b"):
            known = await storage.registrations.register(registration(node, deviceId=node))
            await storage.outbox.put(waitingFor(known), 0.0)

        await storage.registrations.remove(ROMEO, ["a"])

        left = await storage.outbox.claim("me", 5000.0, 6000.0, 10)
        assert [waiting.target.key for waiting in left] == ["b"]

    @ensureDeferred
    async def test_registeredAfterRemoval(self, storage: Any) -> None:
        """
        A removed device that registers again is a new one.
        """
        await storage.registrations.register(registration())
        await storage.registrations.remove(ROMEO, ["node1"])

        stored = await storage.registrations.register(registration("node2", digests=(SECOND,)))

        assert (stored.node, stored.digests) == ("node2", (SECOND,))

    @ensureDeferred
    async def test_removeGone(self, storage: Any) -> None:
        """
        A device that is gone is forgotten, with what waits for it.
        """
        known = await storage.registrations.register(registration())
        await storage.outbox.put(waitingFor(known), 0.0)

        removed = await storage.registrations.removeGone("node1", "token1", None)

        assert removed == known
        assert await storage.registrations.byNode("node1") is None
        assert list(await storage.outbox.claim("me", 5000.0, 6000.0, 10)) == []

    @ensureDeferred
    async def test_MP26_newerRegistrationSurvives(self, storage: Any) -> None:
        """
        MP-26: a device that registered again after the network saw it go stays; one that did not goes.
        """
        await storage.registrations.register(registration(renewed=1000.0))

        assert await storage.registrations.removeGone("node1", "token1", 999.5) is None
        assert await storage.registrations.byNode("node1") is not None
        assert await storage.registrations.removeGone("node1", "token1", 1000.5) is not None

    @ensureDeferred
    async def test_otherTokenSurvives(self, storage: Any) -> None:
        """
        A verdict on a token that is not stored any more concerns nobody.
        """
        await storage.registrations.register(registration())

        assert await storage.registrations.removeGone("node1", "token0", None) is None
        assert await storage.registrations.removeGone("nowhere", "token1", None) is None
        assert await storage.registrations.byNode("node1") is not None
