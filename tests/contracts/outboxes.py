"""
An outbox that is put to the test.
"""

from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.task import Clock

from pushsvc.model import Encrypted, Notification, Target, Waiting


def encrypted(payload: str) -> Notification:
    """
    Something that only the device can read.
    """
    return Notification(encrypted=Encrypted("aXY=", payload, "voip"))


class OnAnOutbox:
    """
    What statements about the outbox speak with.
    """

    @pytest.fixture(autouse=True)
    def _outbox(self, storage: Any, clock: Clock) -> None:
        self.outbox = storage.outbox
        self.clock = clock
        self.now = clock.seconds()
        self.lease = self.now + 60

    def waiting(self, pushId: str, key: str = "node1", **changes: Any) -> Waiting:
        """
        Something new that is due now.
        """
        plain = Waiting(
            target=Target(key, "chatninja", "token1", {"sandbox": "1"}),
            notification=Notification(),
            pushId=pushId,
            lane="chatninja",
            expires=self.now + 1000,
            due=self.now,
        )
        return replace(plain, **changes)

    async def everything(self) -> list[Waiting]:
        """
        All that there is, whoever has it, the longest due first.
        """
        late = self.now + 100_000
        return list(await self.outbox.claim("everybody", late, late, 1000))

    async def ids(self) -> list[str]:
        """
        The push ids of all that there is.
        """
        return sorted(waiting.pushId for waiting in await self.everything())
