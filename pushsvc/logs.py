"""
Logs as text for people, or as JSON for programs: ``twistd --logger pushsvc.logs.json pushsvc ...``.

Both go to standard output, where systemd and containers expect them. Of JSON there is one object a line, with ``time``,
``level``, ``source``, ``message``, and whatever fields the event has.
"""

import json as encoder
import math
import sys
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import TextIO

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    textFileLogObserver,
)
from zope.interface import implementer


@implementer(ILogObserver)
class JSONLines:
    """
    Writes each event as one line of JSON.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __call__(self, event: LogEvent) -> None:
        print(encoder.dumps(asObject(event)), file=self._file, flush=True)


def asObject(event: LogEvent) -> dict[str, object]:
    """
    An event without what only Twisted understands.
    """
    level = event.get("log_level")
    line: dict[str, object] = {
        "time": datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds"),
        "level": level.name if level is not None else "info",
        "source": event.get("log_namespace", ""),
        "message": formatEvent(event),
    }
    failure = event.get("log_failure")
    if failure is not None:
        line["failure"] = failure.getTraceback()
    for key, value in event.items():
        if key.startswith("log_") or key in line or not isinstance(value, (str, int, float, bool)):
            continue
        # JSON has no words for infinity.
        line[key] = value if not isinstance(value, float) or math.isfinite(value) else str(value)
    return line


def _fromInfo(observer: ILogObserver) -> ILogObserver:
    predicate = LogLevelFilterPredicate(LogLevel.info)
    # Twisted announces every factory and port it starts and stops.
    predicate.setLogLevelForNamespace("twisted.internet", LogLevel.warn)
    return FilteringLogObserver(observer, [predicate])


def text() -> ILogObserver:
    """
    For ``--logger``: lines for people.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # A line that the terminal cannot show must not be lost.
        sys.stdout.reconfigure(errors="backslashreplace")
    return _fromInfo(textFileLogObserver(sys.stdout))


def json() -> ILogObserver:
    """
    For ``--logger``: lines for programs.
    """
    return _fromInfo(JSONLines(sys.stdout))
