"""
The user's-server half: ``[publisher]``.
"""

from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config.basics import options


@dataclass(frozen=True, config=options)
class Publisher:
    """
    ``[publisher]``: the user's-server half of XEP-0357. Left out: app server only.

    :ivar domains: whose accounts may enable push services.
    :ivar policies: what is told, to whom and how: each is asked, in this order; one of ours, ``some.module``, or
        ``a/file.py``.
    :ivar publishFrom: in whose name: ``privileged`` (the account's, where its server lets us, else ``component``),
        ``component`` (a host of ours), ``server`` (the account's domain, where a link of ours serves it).
    :ivar host: which host of ours publishes, and is delegated to; None: the only one.
    :ivar virtualPubsubHosts: names of push services that are served here, without pubsub; ``@HOST@`` stands for the
        account's domain.
    :ivar includeSenders: whether it is told who wrote, unless the account wants less.
    :ivar includeMessageBodies: whether it is told what they wrote.
    :ivar includeMessageCount: whether it is told how many messages wait.
    :ivar includeSubscriptionCount: whether it is told how many ask to be let in.
    :ivar allowed: what accounts may have told beyond that, by asking for it when they enable: of ``senders``,
        ``message-bodies``, ``message-count``, ``subscription-count``.
    :ivar importantBody: stands in place of a body that is not told; empty: nothing does.
    :ivar maxServices: push services of one account.
    :ivar maxErrors: refusals of a service, in a row, before it is on probation.
    :ivar probation: seconds for which a service that refuses everything is tried, once a day, before it is forgotten.
    :ivar expires: seconds after which what was not enabled again is forgotten; None: it is not.
    :ivar ttl: seconds that a notification may wait for its push service.
    :ivar wakeOnStart: whether everybody for whom something waits is told once more when the service starts.
    :ivar tellRemoved: whether the push services of an account that is gone are told so.
    :ivar feeds: raw; each has a ``kind``.
    """

    domains: tuple[str, ...]
    policies: tuple[str, ...] = ("default",)
    publishFrom: Literal["privileged", "component", "server"] = "privileged"
    host: str | None = None
    virtualPubsubHosts: tuple[str, ...] = ()
    includeSenders: bool = False
    includeMessageBodies: bool = False
    includeMessageCount: bool = True
    includeSubscriptionCount: bool = True
    allowed: tuple[Literal["senders", "message-bodies", "message-count", "subscription-count"], ...] = (
        "senders",
        "message-bodies",
        "message-count",
        "subscription-count",
    )
    importantBody: str = "New message"
    maxServices: int = Field(default=5, ge=1, le=100)
    maxErrors: int = Field(default=16, ge=1)
    probation: int = Field(default=30 * 86400, ge=86400)
    expires: int | None = Field(default=None, ge=86400)
    ttl: int = Field(default=86400, ge=1, le=2419200)
    wakeOnStart: bool = True
    tellRemoved: bool = True
    feeds: tuple[dict[str, Any], ...] = ()
