"""
Versions, of which SimplePush's devices take none that is not greater than the last one they saw.

They are milliseconds of the clock, or one more than the last where that is more. So they grow as long as this process
lives, whatever becomes of the clock, and while the clock is right processes need not know of one another. What is left
is a process that begins after the clock was set back: it has to know what was used before. A file says so, ahead of
time: no version is used above the number in it, and each time that number is raised by a minute. So it is written once
a minute, and only while pushes are sent; and who begins above it begins above all that was ever used.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

# Milliseconds of versions that are written down before they are used.
AHEAD = 60_000

_NUMBER = re.compile(r"[0-9]{1,15}")


class Versions:
    """
    Says the next one.
    """

    log = Logger()

    def __init__(self, file: Path, clock: IReactorTime) -> None:
        """
        :raises ValueError: the file is there and cannot be used.
        """
        self._file = file
        self._clock = clock
        self._reserved = self._last = _stored(file)
        self._failed = False

    def next(self) -> int:
        """
        A version that is greater than any before.
        """
        self._last = max(int(self._clock.seconds() * 1000), self._last + 1)
        if self._last > self._reserved:
            self._reserve(self._last + AHEAD)
        return self._last

    def _reserve(self, until: int) -> None:
        # Should it fail, it is tried again in a minute: meanwhile all is well as long as the clock is.
        self._reserved = until
        try:
            with suppress(ValueError):
                # Another process may have gone further.
                until = max(until, _stored(self._file))
            _store(self._file, until)
        except OSError as e:
            if not self._failed:
                self.log.error(
                    "{file}: cannot be written: {reason}. Should the clock be set back before pushsvc starts again, "
                    "phones will take no pushes until it has caught up",
                    file=str(self._file),
                    reason=e.strerror,
                )
            self._failed = True
        else:
            self._failed = False


def _stored(file: Path) -> int:
    try:
        text = file.read_text("ascii").strip()
    except FileNotFoundError:
        return 0
    except OSError as e:
        raise ValueError(f"{file}: cannot be read: {e.strerror}") from None
    except UnicodeDecodeError:
        text = ""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{file}: does not hold a number")
    return int(text)


def _store(file: Path, number: int) -> None:
    """
    Nobody ever reads half of it, and it outlives a loss of power: that is when clocks are wrong.
    """
    written = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with written.open("x", encoding="ascii") as out:
            out.write(f"{number}\n")
            out.flush()
            os.fsync(out.fileno())
        written.replace(file)
    except OSError:
        written.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
