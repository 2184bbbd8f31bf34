"""
How much is told of what is waiting: by the server's word, and less where an account wants less.

An account chooses freely when it enables its first service. From then on it may only have less told: whoever gets hold
of a session for a moment cannot have the bodies of all messages sent to a push service from then on. What it must not
have it is not refused, it is left out of the answer (mod_push).
"""

from dataclasses import dataclass, fields, replace

from pushsvc.enablement import ContentOptions
from pushsvc.model import Summary

_NAMES = tuple(option.name for option in fields(ContentOptions))
_DEFAULTS = ContentOptions(senders=False, messageCount=True, subscriptionCount=True, bodies=False)
_NO_CEILING = ContentOptions()


@dataclass(frozen=True)
class Content:
    """
    What the server tells by itself, and what it lets accounts have told.

    :ivar defaults: for accounts that have not chosen.
    :ivar ceiling: what no account gets beyond; None in it: as the account likes.
    :ivar importantBody: what stands in place of a body that is not told, so that the push is known to matter; empty:
        nothing.
    """

    defaults: ContentOptions = _DEFAULTS
    ceiling: ContentOptions = _NO_CEILING
    importantBody: str = "New message"

    def holding(self, chosen: ContentOptions) -> ContentOptions:
        """
        What holds for an account that has chosen this. Nothing in it is None.
        """
        values = {}
        for name in _NAMES:
            said = getattr(chosen, name)
            wanted = getattr(self.defaults, name) if said is None else said
            values[name] = bool(wanted) and getattr(self.ceiling, name) is not False
        return ContentOptions(**values)

    def accepted(self, chosen: ContentOptions, asked: ContentOptions, first: bool) -> ContentOptions:
        """
        What of a wish is granted: all of it the first time, later what leaves things as they are or has less told.

        :param chosen: what the account has chosen before.
        :param first: whether it is the account's first service.
        """
        holding = self.holding(chosen)
        granted: dict[str, bool | None] = {}
        for name in _NAMES:
            wish = getattr(asked, name)
            more = wish and not (getattr(self.ceiling, name) is not False and (first or getattr(holding, name)))
            granted[name] = None if more else wish
        return ContentOptions(**granted)

    def told(self, summary: Summary, holding: ContentOptions, important: bool) -> Summary:
        """
        What of a summary may be told.

        :param important: whether there is something that people want to read.
        """
        if not holding.senders:
            summary = replace(summary, lastMessageSender=None, lastSubscriptionSender=None)
        if not holding.messageCount:
            summary = replace(summary, messageCount=None)
        if not holding.subscriptionCount:
            summary = replace(summary, pendingSubscriptionCount=None)
        if not holding.bodies or summary.lastMessageBody is None:
            summary = replace(summary, lastMessageBody=(self.importantBody or None) if important else None)
        return summary


def together(chosen: ContentOptions, granted: ContentOptions) -> ContentOptions:
    """
    What is chosen from now on.
    """
    wishes = {name: getattr(granted, name) for name in _NAMES if getattr(granted, name) is not None}
    return replace(chosen, **wishes)
