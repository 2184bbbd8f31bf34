"""
Whoever has sessions, as they see it, and as what makes them does.
"""

from typing import Any, Protocol

from pushsvc.httpclient.http2.asking import Asking


class Owner(Protocol):
    """
    Has sessions and gives them requests; each method is called by a session that tells of itself.
    """

    def unprocessed(self, asking: Asking) -> None:
        """
        This was certainly not processed.
        """

    def leaves(self, session: Any) -> None:
        """
        It takes no more requests; said once, and before anything is said of those that it has.
        """

    def hasRoom(self, session: Any) -> None:
        """
        It may take more requests than a moment ago.
        """

    def answered(self, session: Any) -> None:
        """
        It was good for something: this answer speaks for it.
        """

    def ended(self, session: Any) -> None:
        """
        The connection is gone.
        """


class User(Owner, Protocol):
    """
    Whoever wants connections.
    """

    def isWaiting(self) -> bool:
        """
        Whether any request is.
        """

    def needsAnother(self) -> bool:
        """
        Whether there is anything for one more connection to do.
        """

    def changed(self) -> None:
        """
        There is a connection more, or one that was being made did not come about.
        """

    def hopeless(self) -> None:
        """
        There is no connection, and there will be none for a while.
        """
