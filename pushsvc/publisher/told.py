"""
What was told already: no service is told twice of one stanza, by however many ways it is reported, and none is counted
twice.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from pushsvc.enablement import Enablement
from pushsvc.event import Stanza

# Stanzas remembered: an archive and a store of offline messages report within moments of each other.
REMEMBERED = 20_000

# Stanzas without an id, of which it is remembered only in case that telling fails half way, and is tried again.
UNNAMED = 2_000

# Stands among the services that were told of a stanza.
_COUNTED = 0

# Services by their hashes: what accounts have written is not kept.
_Marks = set[int]


class Told:
    """
    The latest stanzas, and which services were told of each. One without an id is itself and no other: each report of
    it is another one, but what could not be told for trouble is the same when it is told again.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._told: OrderedDict[tuple[str, str], _Marks] = OrderedDict()
        # Kept with the stanza, whose place in memory nobody else takes so long.
        self._unnamed: OrderedDict[tuple[str, int], tuple[Stanza, _Marks]] = OrderedDict()

    def count(self, account: str, stanzas: Iterable[Stanza]) -> Sequence[Stanza]:
        """
        Remember that stanzas are counted.

        :returns: those that were not before.
        """
        return [stanza for stanza in stanzas if self._note(account, stanza, _COUNTED)]

    def uncount(self, account: str, stanzas: Iterable[Stanza]) -> None:
        """
        They were not, after all.
        """
        for stanza in stanzas:
            self._forget(account, stanza, _COUNTED)

    def isNews(self, service: Enablement, stanza: Stanza) -> bool:
        """
        Whether a service was not told of a stanza yet.
        """
        return _which(service) not in (self._known(service.account, stanza) or ())

    def tell(self, service: Enablement, stanzas: Iterable[Stanza]) -> Sequence[Stanza]:
        """
        Remember that a service is told of stanzas.

        :returns: those of which it had not been told before.
        """
        return [stanza for stanza in stanzas if self._note(service.account, stanza, _which(service))]

    def untell(self, service: Enablement, stanzas: Iterable[Stanza]) -> None:
        """
        It was not, after all.
        """
        for stanza in stanzas:
            self._forget(service.account, stanza, _which(service))

    def _note(self, account: str, stanza: Stanza, which: int) -> bool:
        told = self._known(account, stanza)
        if told is None:
            told = set()
            self._remember(account, stanza, told)
        if which in told:
            return False
        told.add(which)
        return True

    def _known(self, account: str, stanza: Stanza) -> _Marks | None:
        if stanza.id is not None:
            return self._told.get((account, stanza.id))
        _, told = self._unnamed.get((account, id(stanza)), (None, None))
        return told

    def _remember(self, account: str, stanza: Stanza, told: _Marks) -> None:
        if stanza.id is not None:
            self._told[account, stanza.id] = told
            if len(self._told) > self._remembered:
                self._told.popitem(last=False)
            return
        self._unnamed[account, id(stanza)] = stanza, told
        if len(self._unnamed) > UNNAMED:
            self._unnamed.popitem(last=False)

    def _forget(self, account: str, stanza: Stanza, which: int) -> None:
        told = self._known(account, stanza)
        if told is not None:
            told.discard(which)


def _which(service: Enablement) -> int:
    return hash((service.service, service.node))
