"""
``python -m tests.fuzz.run TARGET [SECONDS]``: tries changes of the corpus until the time is over or something is found.

With Atheris installed (``pip install atheris``) it is Atheris that looks for what leads to new places; else changes are
made at random. What is found is written to a file ``found-TARGET…`` where temporary files are.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from random import Random, randrange
from tempfile import gettempdir, mkdtemp
from types import FunctionType

from pushsvc.jids import _remembered
from tests.fuzz import seeds
from tests.fuzz.targets import TARGETS

# Seconds of the processor that one input may take: on a busy machine, others take theirs as well.
HANG = 5.0
# Modules in which Atheris watches where an input leads.
LOOKED_AT = ("pushsvc.", "twisted.words.", "wokkel.")


class Hang(AssertionError):
    """
    An input that takes for ever.
    """


class Found(AssertionError):
    """
    An input that something is wrong with.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(f"this input: {data!r}")
        self.data = data


def fuzz(function: Callable[[bytes], object], known: Sequence[bytes], seconds: float, seed: int | None = None) -> int:
    """
    Try changes of known inputs, at random.

    :returns: how many.
    :raises Found: one came to something that it should not.
    """
    random = Random(randrange(1 << 32) if seed is None else seed)
    end = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < end:
        data = seeds.changed(random, known)
        begun = time.process_time()
        try:
            function(data)
            if time.process_time() - begun > HANG:
                raise Hang(f"{time.process_time() - begun:.1f} seconds")
        except Exception as e:
            raise Found(data) from e
        tried += 1
        # What is remembered of one input should not hide a find in the next.
        if tried % 10_000 == 0:
            _remembered.cache_clear()
    return tried


def fuzzWithAtheris(target: str, seconds: float) -> None:
    """
    Let Atheris try; it ends the process.
    """
    import atheris

    learned = Path(mkdtemp(prefix="pushsvc-fuzz-"))
    words = learned.with_suffix(".words")
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n' for word in seeds.WORDS))
    for function in gc.get_objects():
        if isinstance(function, FunctionType) and (function.__module__ or "").startswith(LOOKED_AT):
            atheris.instrument_func(function)
    arguments = [
        f"-max_total_time={seconds:.0f}",
        f"-timeout={HANG:.0f}",
        f"-dict={words}",
        f"-artifact_prefix={gettempdir()}/found-{target}-",
        "-max_len=4096",
        "-print_final_stats=1",
        # What it learns goes to the first folder.
        str(learned),
        str(seeds.FOLDER / target),
    ]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    chosen, length = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    if find_spec("atheris") is not None:
        fuzzWithAtheris(chosen, length)
    try:
        tried = fuzz(TARGETS[chosen], seeds.seedsOf(chosen), length)
    except Found as found:
        (Path(gettempdir()) / f"found-{chosen}").write_bytes(found.data)
        raise
    print(f"{chosen}: {tried} inputs, nothing found")
