"""
How long one peer is listened to before others have their turns.
"""

# Seconds: what a stanza or two take; and what all who wait share, as long as there is more of it than that for each.
LEAST = 0.0002
SHARED = 0.002

# Bytes after which one looks at the clock: a small stanza or two; of who is known and one of few, a large one.
MOUTHFUL = 256
LARGE_MOUTHFUL = 1_024


class Turns:
    """
    Of all peers. Who is one of few that wait has longer turns: going from one to the other, and to the sockets, costs
    more than a stanza does. Many have short ones, and so has who has not said yet who it is.
    """

    def __init__(self, least: float = LEAST, shared: float = SHARED) -> None:
        """
        :param shared: seconds that all turns of known peers take together, unless they are so many that ``least`` for
            each is more than that.
        """
        self._least = least
        self._shared = shared
        self._waiting = 0

    def wait(self) -> None:
        """
        One more waits for its turn.
        """
        self._waiting += 1

    def leave(self) -> None:
        """
        One has it, or does not want it any more.
        """
        self._waiting -= 1

    def next(self, isKnown: bool) -> tuple[float, int]:
        """
        The turn of one who does not wait any more.

        :param isKnown: whether it is known who it is.
        :returns: seconds, and bytes to be read at once.
        """
        share = self._shared / (1 + self._waiting)
        if isKnown and share > self._least:
            return share, LARGE_MOUTHFUL
        return self._least, MOUTHFUL
