"""
Servers that have taken pushes of ours.

Where a client names the server, one that refuses our credentials may do so for any reason, or for none. If it has never
taken any, the operator should know; if it has taken others, it is this device's affair. Unless it is one device after
the other: then our credentials were good once, and are no more.
"""

from collections import OrderedDict

# Servers that are remembered.
MOST = 1024
# So many devices that are refused, and nothing taken between them, are no longer the devices' affair.
MANY = 10


class Takers:
    """
    The latest of them, by origin.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        # With the devices that were refused since. One that is refused again and again is one.
        self._known: OrderedDict[str, set[int]] = OrderedDict()

    def took(self, origin: str) -> None:
        """
        It has taken one.
        """
        self._known[origin] = set()
        self._known.move_to_end(origin)
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def refused(self, origin: str, device: str) -> bool:
        """
        It does not take one of this device.

        :returns: whether that is the device's affair.
        """
        refused = self._known.get(origin)
        if refused is None:
            return False
        if len(refused) <= MANY:
            refused.add(hash(device))
        return len(refused) <= MANY
