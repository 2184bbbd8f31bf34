"""
Where accepted notifications wait.
"""

from collections.abc import Mapping, Sequence

from zope.interface import Interface

from pushsvc.model import Standing, Waiting


class IOutbox(Interface):
    """
    Accepted notifications that have not reached a push network yet.

    There is one place per target key, kind and slot. Slot 0 holds what is interchangeable: a newer notification
    replaces the content, while the higher priority and the later expiry stay. Encrypted payloads are not
    interchangeable: they take slots 1 to 8; when all are taken the oldest gives way.

    Answers come in the order in which things happened: who is told that a place was emptied has not been told before
    of what was put there after that.
    """

    async def put(waiting: Waiting, lease: float) -> Waiting:
        """
        Accept a notification; on disk when this returns. This is the promise that pushsvc makes.

        A place that is taken keeps its ``due`` and ``attempts``, while its app and token stay the same; its target,
        notification (see `IOutbox`), push id and lane become the new ones, and its sequence counts on. Whose it is
        then: its owner's, while that one's lease lasts; else nobody's, while it is not due (it was postponed); else the
        new owner's. An encrypted notification that is put once more, with the push id that it has, is there once.

        :param waiting: with the slot and sequence left to the outbox (0 for interchangeable content or any of 1 to 8
            for an encrypted one say which sort it is). ``owner`` names the process that will send it now, or None.
        :param lease: seconds since 1970 until which that owner has it.
        :returns: what is stored now; when several are put into one place at the same time, each may be told what is
            there in the end. It is the caller's to send only if its owner is the caller's and the caller does not
            already send what was in this place.
        :raises TryLater: storage trouble; nothing was accepted.
        """

    async def claim(
        owner: str,
        now: float,
        lease: float,
        limit: int,
        exceptLanes: Sequence[str] = (),
        rooms: Mapping[str, int] | None = None,
        otherwise: int | None = None,
    ) -> Sequence[Waiting]:
        """
        Take over what is due and nobody's (or whose owner's lease has ended), the longest due first.

        :param lease: seconds since 1970 until which the owner has them. A row is given to one owner only.
        :param exceptLanes: lanes of which nothing can be sent now.
        :param rooms: how many at most are wanted of these lanes. Fewer may be given than there are when what is due
            longest is more than is wanted of its lane.
        :param otherwise: how many at most are wanted of any other lane; None: as many as there are. 0: none, and
            nothing whose lease has ended; then nothing but these lanes is looked at, however much waits elsewhere.
        :raises TryLater: storage trouble.
        """

    async def finish(sent: Waiting, lease: float) -> Waiting | None:
        """
        What was sent is done with. Only that content is deleted: what arrived in its place meanwhile stays.

        :returns: the newer content, now leased to the same owner until ``lease``; None when there is none.
        :raises TryLater: storage trouble.
        """

    async def postpone(failed: Waiting, due: float, tried: bool = True) -> None:
        """
        What was sent did not get through: it, or what arrived in its place meanwhile, is nobody's again and due then.
        Only its owner can give it back.

        :param tried: whether it counts as an attempt.
        :raises TryLater: storage trouble.
        """

    async def hurry(app: str, now: float, limit: int, lane: str | None = None) -> int:
        """
        What waits for an app and is nobody's becomes due at once: what was in the way has passed.

        :param limit: at most so many: the rest is for another time.
        :param lane: only what is on this lane and was never tried. What was tried waits because of its device.
        :returns: how many became due; fewer than the limit: these were all.
        :raises TryLater: storage trouble.
        """

    async def release(owner: str, now: float) -> None:
        """
        What this owner holds is nobody's again and due now: its process stops, or is dead.

        :raises TryLater: storage trouble.
        """

    async def owners() -> Sequence[str]:
        """
        Who holds anything.

        :raises TryLater: storage trouble.
        """

    async def expire(now: float) -> int:
        """
        Drop what nobody wants any more and nobody has: who has something, and his lease lasts, finds out for himself.

        :returns: how many were dropped.
        :raises TryLater: storage trouble.
        """

    async def standings() -> Mapping[str, Standing]:
        """
        What is there, by app. Walks through all of it: not to be asked for often.

        :raises TryLater: storage trouble.
        """

    async def nextDue(exceptLanes: Sequence[str] = ()) -> float | None:
        """
        When the next of what is nobody's becomes due, in seconds since 1970, or when the next lease ends.

        :returns: None when nothing waits.
        :raises TryLater: storage trouble.
        """
