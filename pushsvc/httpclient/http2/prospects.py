"""
Whether there is any point in connecting.
"""

from twisted.logger import Logger, LogLevel

from pushsvc.exchange import ExchangeFailed, NotConnected, NotSpoken
from pushsvc.httpclient.http2.backoff import Backoff


class Prospects:
    """
    What went wrong, and for how long it is not tried again. The operator hears of it once, and once more when it is
    over.

    :param name: of the origin, for the operator.
    :param isTold: as `Tuning` has it.
    """

    log = Logger()

    def __init__(self, name: str, backoff: Backoff, isTold: bool = True) -> None:
        self._name = name
        self._backoff = backoff
        self._trouble: ExchangeFailed = NotConnected("not connected yet")
        # Connections did not last: one answer does not mean that this is over.
        self._unsteady = False
        self._told = False
        self._well, self._unwell = (LogLevel.info, LogLevel.warn) if isTold else (LogLevel.debug, LogLevel.debug)

    @property
    def left(self) -> float:
        """
        Seconds in which nobody should connect.
        """
        return self._backoff.left

    @property
    def isSpeechless(self) -> bool:
        """
        Whether HTTP/2 was not spoken there.
        """
        return isinstance(self._trouble, NotSpoken)

    def trouble(self) -> ExchangeFailed:
        """
        Why there is no connection.
        """
        return type(self._trouble)(str(self._trouble))

    def connected(self) -> None:
        """
        There is one.
        """
        self._trouble = NotConnected("the connection ended")

    def failed(self, trouble: ExchangeFailed) -> None:
        """
        One did not come about.
        """
        self._trouble = trouble
        self._backoff.failed()
        if not self.isSpeechless:
            self._tell()

    def ended(self, why: str) -> None:
        """
        One ended badly. Once that is an accident.
        """
        self._trouble = NotConnected(f"connections do not last ({why})")
        self._backoff.ended()
        if self._backoff.left:
            self._unsteady = True
            self._tell()

    def answered(self, isProven: bool) -> None:
        """
        One is good for something.

        :param isProven: and has been for a while.
        """
        if isProven:
            self._backoff.succeeded()
            self._unsteady = False
        if self._told and not self._unsteady:
            self._told = False
            self.log.emit(self._well, "{name}: connections work again", name=self._name)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            self.log.emit(self._unwell, "{name}: {trouble}", name=self._name, trouble=str(self._trouble))
