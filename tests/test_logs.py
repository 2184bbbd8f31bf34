"""
Logs for people and for programs.
"""

import io
import json

from twisted.logger import Logger, LogPublisher
from twisted.python.failure import Failure

from pushsvc.logs import JSONLines


def logged(log) -> list[dict[str, object]]:
    file = io.StringIO()
    log(Logger("pushsvc.test", observer=LogPublisher(JSONLines(file))))
    return [json.loads(line) for line in file.getvalue().splitlines()]


def test_oneObjectALine():
    """
    An event is one line of JSON with its time, level, source, text and fields.
    """
    (line,) = logged(lambda log: log.warn("{app}: {count} left\nand more", app="x", count=3, other=object()))

    assert ("warn", "pushsvc.test", "x: 3 left\nand more") == (line["level"], line["source"], line["message"])
    assert ("x", 3) == (line["app"], line["count"])
    assert "other" not in line
    assert str(line["time"]).endswith("+00:00")


def test_whatCannotBeWrittenIsWrittenAnyhow():
    """
    Whatever an event holds, its line is ASCII and JSON.
    """
    (line,) = logged(lambda log: log.warn("{name} {rate}", name="\ud800ü", rate=float("nan")))

    assert ("\ud800ü", "nan") == (line["name"], line["rate"])


def test_failuresHaveTheirTraceback():
    """
    What went wrong is in the line.
    """

    def fail(log: Logger) -> None:
        try:
            raise RuntimeError("broken")
        except RuntimeError:
            log.failure("so", Failure())

    (line,) = logged(fail)

    assert "RuntimeError: broken" in str(line["failure"])
