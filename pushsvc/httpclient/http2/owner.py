"""
Whoever has sessions, as they see it.
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
