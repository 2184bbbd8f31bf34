"""
What was measured. Microseconds of a processor are per push, a value for each round.
"""

from dataclasses import dataclass, field

from bench.pump import Answers


@dataclass
class Figures:
    """
    Of the service, behind one kind of link.

    :ivar cpu: of the whole process.
    :ivar main: of that, the first thread's.
    :ivar rates: answers a second.
    :ivar registration: microseconds of a device's.
    :ivar opening: microseconds of a stream's; None: there are none that others open.
    :ivar memory: megabytes.
    :ivar open: rates, their answers and the processor's microseconds.
    :ivar stages: the part of each stage, by samples.
    :ivar published: how many there were, how many requests the push network has had, how many different ones, and how
        many publishes were refused.
    """

    cpu: list[float] = field(default_factory=list)
    main: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    registration: float = 0.0
    opening: float | None = None
    memory: float = 0.0
    open: list[tuple[int, Answers, float]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    published: int = 0
    requests: int = 0
    distinct: int = 0
    errors: int = 0

    @property
    def isWhole(self) -> bool:
        """
        Whether there was one request for each publish, and no error.
        """
        return self.published == self.requests == self.distinct and not self.errors


@dataclass
class Least:
    """
    What that is compared with.

    :ivar component: the least that a component can cost.
    :ivar h2load: a request of the quickest client.
    """

    component: list[float] = field(default_factory=list)
    h2load: list[float] = field(default_factory=list)
