"""
A guard against mass dismissal: when most devices on a lane seem to be gone, it is the configuration that is wrong.

APNs says BadDeviceToken to every token of the other environment, and Google says SENDER_ID_MISMATCH when the service
account is another project's. Believing that would unregister every phone.
"""

from collections import deque

# Answers looked back on, and how many of them make a verdict on the whole lane.
REMEMBERED = 100
SUSPICIOUS = 10


class Dismissals:
    """
    The latest answers on one lane.
    """

    def __init__(self) -> None:
        self._latest: deque[bool] = deque(maxlen=REMEMBERED)

    def answered(self, gone: bool) -> None:
        """
        The network answered for a device: it knows it, or says that it is gone.
        """
        self._latest.append(gone)

    @property
    def incredible(self) -> bool:
        """
        Whether too many of the latest answers say gone to believe the next.
        """
        dismissed = sum(self._latest)
        return dismissed >= SUSPICIOUS and dismissed * 2 > len(self._latest)
