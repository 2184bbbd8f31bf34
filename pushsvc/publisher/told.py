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

# Stands among the services that were told of a stanza.
_COUNTED = ("", "")

_Which = tuple[str, str]


class Told:
    """
    The latest stanzas, and which services were told of each. Of one without an id nobody can say.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._told: OrderedDict[tuple[str, str], set[_Which]] = OrderedDict()

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
        if stanza.id is None:
            return True
        return _which(service) not in self._told.get((service.account, stanza.id), ())

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

    def _note(self, account: str, stanza: Stanza, which: _Which) -> bool:
        if stanza.id is None:
            return True
        key = account, stanza.id
        told = self._told.get(key)
        if told is None:
            told = self._told[key] = set()
            if len(self._told) > self._remembered:
                self._told.popitem(last=False)
        if which in told:
            return False
        told.add(which)
        return True

    def _forget(self, account: str, stanza: Stanza, which: _Which) -> None:
        told = self._told.get((account, stanza.id)) if stanza.id is not None else None
        if told is not None:
            told.discard(which)


def _which(service: Enablement) -> _Which:
    return service.service, service.node
