"""
How many requests the other side really takes at once.
"""


class Allowance:
    """
    Fewer than it promises, where it did not keep its promise: as many as it had when it refused one, and one more
    whenever it has answered that many in a row.

    :ivar now: so many.
    """

    def __init__(self, most: int) -> None:
        self.now = most
        self._most = most
        self._inARow = 0

    def answered(self) -> None:
        """
        It took one.
        """
        self._inARow += 1
        if self._inARow >= self.now < self._most:
            self.now += 1
            self._inARow = 0

    def refused(self, others: int) -> None:
        """
        It did not.

        :param others: how many it has.
        """
        self.now = max(1, min(self.now, others))
        self._inARow = 0
