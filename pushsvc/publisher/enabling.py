"""
Enabling and disabling push services (XEP-0357 section 5), for the accounts of the domains that we publish for.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from twisted.internet.interfaces import IReactorTime

from pushsvc.enablement import Account, ContentOptions, Enablement
from pushsvc.ipushsvc import IEnablements
from pushsvc.publisher.content import Content, together


class Enabling:
    """
    Keeps what accounts have enabled, and what they want told.
    """

    def __init__(
        self, enablements: IEnablements, content: Content, clock: IReactorTime, most: int, lasts: float | None
    ) -> None:
        """
        :param most: services that one account may have enabled.
        :param lasts: seconds after which an enablement that was not renewed ends; None: it does not end.
        """
        self._enablements = enablements
        self._content = content
        self._clock = clock
        self._most = most
        self._lasts = lasts

    async def enable(
        self, enablement: Enablement, asked: ContentOptions | None, others: Collection[str] = ()
    ) -> ContentOptions:
        """
        As `pushsvc.ipushsvc.IPublisher.enable`.

        :param others: further keys under which pushes for it wait in the outbox.
        """
        granted = ContentOptions()

        def choose(chosen: ContentOptions, isFirst: bool) -> ContentOptions:
            # In one step with the enablement: of two devices that come at once only one is the first.
            nonlocal granted
            granted = self._content.accepted(chosen, asked or ContentOptions(), isFirst)
            return together(chosen, granted)

        await self._enablements.enable(enablement, self._most, choose, others)
        return granted

    async def disable(self, account: str, service: str, node: str | None) -> Sequence[Enablement]:
        """
        As `pushsvc.ipushsvc.IPublisher.disable`.

        :returns: what was forgotten.
        """
        return await self._enablements.disable(account, service, node)

    async def holding(self, account: str) -> ContentOptions:
        """
        As `pushsvc.ipushsvc.IPublisher.options`.
        """
        return self._content.holding((await self._enablements.account(account)).options)

    async def valid(self, account: str) -> Account:
        """
        Everything of an account, but for enablements that have ended.
        """
        return self.withoutEnded(await self._enablements.account(account))

    def withoutEnded(self, account: Account) -> Account:
        """
        The same, but for enablements that have ended.
        """
        if self._lasts is None:
            return account
        since = self._clock.seconds() - self._lasts
        lasting = tuple(enablement for enablement in account.enablements if enablement.enabled > since)
        return account if len(lasting) == len(account.enablements) else replace(account, enablements=lasting)
