"""
Gives Twisted back the names that Wokkel 18 (2018) expects; imports no Wokkel itself.

Importing anything of pushsvc runs `repair`, so whoever imports Wokkel after that finds it working. Behaviour that
Wokkel lacks is not patched in: it is written correctly in ``wire/`` and ``xmpp/``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from twisted.python import compat
from twisted.words.protocols.jabber import jid

JIDS_REMEMBERED = 8192
LONGEST_REMEMBERED = 1023
_REMEMBERED = "__internJIDs"


class _Forgetful(dict[str, Any]):
    """
    Forgets everything when it becomes too much: what is in use is back soon. What is very long is not kept at all.
    """

    def __setitem__(self, key: str, value: Any) -> None:
        if len(key) > LONGEST_REMEMBERED:
            return
        if len(self) >= JIDS_REMEMBERED:
            self.clear()
        super().__setitem__(key, value)


def _items(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    return iter(mapping.items())


def _values(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    return iter(mapping.values())


def _deprecated() -> dict[str, Any]:
    """
    What Twisted warns of in this module; empty once it no longer wraps the module for that.
    """
    try:
        marks: dict[str, Any] = object.__getattribute__(compat, "_deprecatedAttributes")
    except AttributeError:
        return {}
    return marks


def repair() -> None:
    """
    Put the missing names in place; harmless when done twice.
    """
    # COMPAT: wokkel.data_form asks for _PY3, which Twisted dropped in 23.10 (ralphm/wokkel#31).
    setattr(compat, "_PY3", True)  # noqa: B010
    # COMPAT: Wokkel walks dicts through these, thirteen times a stanza; each call of Twisted's own also warns.
    setattr(compat, "iteritems", _items)  # noqa: B010
    setattr(compat, "itervalues", _values)  # noqa: B010
    # COMPAT: unicode and StringType may go with any Twisted, and until then warn; Wokkel imports both.
    for name in ("unicode", "StringType"):
        setattr(compat, name, str)
        _deprecated().pop(name, None)
    # COMPAT: Twisted's internJID never forgets, and remote servers choose what it has to remember. Modules that were
    # imported before this have the function already, so it stays, and what it remembers in is replaced.
    if isinstance(vars(jid).get(_REMEMBERED), dict) and not isinstance(vars(jid)[_REMEMBERED], _Forgetful):
        setattr(jid, _REMEMBERED, _Forgetful())
