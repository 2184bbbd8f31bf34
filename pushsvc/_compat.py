"""
Gives Twisted back the names that Wokkel 18 (2018) expects; imports no Wokkel itself.

Importing anything of pushsvc runs `repair`, so whoever imports Wokkel after that finds it working. Behaviour that
Wokkel lacks is not patched in: it is written correctly in ``wire/`` and ``xmpp/``.
"""

import functools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from twisted.python import compat
from twisted.words.protocols.jabber import jid

JIDS_REMEMBERED = 8192


def _items(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    return iter(mapping.items())


def _values(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    return iter(mapping.values())


def repair() -> None:
    """
    Put the missing names in place; harmless when done twice.
    """
    # COMPAT: wokkel.data_form asks for _PY3, which Twisted dropped in 23.10 (ralphm/wokkel#31).
    setattr(compat, "_PY3", True)  # noqa: B010
    # COMPAT: Wokkel walks dicts through these, thirteen times a stanza; each call of Twisted's own also warns.
    setattr(compat, "iteritems", _items)  # noqa: B010
    setattr(compat, "itervalues", _values)  # noqa: B010
    # COMPAT: unicode and StringType may go with any Twisted; Wokkel imports both.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name in ("unicode", "StringType"):
            if not hasattr(compat, name):
                setattr(compat, name, str)
    # COMPAT: Twisted's internJID never forgets, and remote servers choose what it has to remember.
    if not hasattr(jid.internJID, "cache_info"):
        setattr(jid, "internJID", functools.lru_cache(JIDS_REMEMBERED)(jid.JID))  # noqa: B010
