"""
What people can find out about their own devices, and try.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from zope.interface import implementer

from pushsvc.ipushsvc import ICare, IDelivery, IRegistrations, IVerdictBook
from pushsvc.model import Kind, Notification, Priority, Registration, Remembered, Summary

# What a phone shows of a test, where the app's content rule lets it.
TEST = "This is a test."

_NOTHING = Remembered()


@dataclass(frozen=True)
class Condition:
    """
    A device, and what became of the pushes to it.
    """

    registration: Registration
    remembered: Remembered


@implementer(ICare)
class Care:
    """
    Looks after the devices of whoever asks.
    """

    def __init__(self, registrations: IRegistrations, book: IVerdictBook, delivery: IDelivery) -> None:
        self._registrations = registrations
        self._book = book
        self._delivery = delivery

    async def conditions(self, owner: str) -> Sequence[Condition]:
        registrations = await self._registrations.ofOwner(owner)
        remembered = await self._book.ofNodes([registration.node for registration in registrations])
        return [Condition(each, remembered.get(each.node, _NOTHING)) for each in registrations]

    async def tryOut(self, owner: str, node: str) -> bool:
        registration = await self._registrations.byNode(node)
        if registration is None or registration.owner != owner:
            return False
        test = Notification(Kind.MESSAGE, Priority.HIGH, Summary(messageCount=1, lastMessageBody=TEST))
        # As the owner's: it counts against the limits like any other.
        await self._delivery.accept(registration.target, test, account=owner)
        return True
