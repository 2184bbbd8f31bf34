"""
The name in the configuration is the name of the file: ``"fcm"`` is ``pushsvc.providers.fcm``, and a dotted name loads a
third party's module the same way. Whatever is loaded is checked against the interface that its folder promises.
"""

import importlib
import pkgutil
import re
from collections.abc import Sequence
from difflib import get_close_matches
from types import ModuleType

from zope.interface import Interface
from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from pushsvc import ipushsvc

FOLDERS: dict[str, type[Interface]] = {
    "storage": ipushsvc.IStorageKind,
    "providers": ipushsvc.IProviderKind,
    "nodetrees": ipushsvc.INodeTreeKind,
    "nodetypes": ipushsvc.INodeTypeKind,
    "dialects": ipushsvc.IDialectKind,
    "links": ipushsvc.ILinkKind,
    "publisher.policies": ipushsvc.IPushPolicyKind,
    "feeds": ipushsvc.IFeedKind,
}

# Former names of what is still the same thing.
ALIASES = {("providers", "gcm"): "fcm"}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class UnknownKind(Exception):
    """
    The configuration names something that there is not.
    """


def canonical(folder: str, name: str) -> str:
    """
    The name of the file, for any name that it has or had.
    """
    return ALIASES.get((folder, name), name)


def formerNames(folder: str, known: Sequence[str]) -> list[str]:
    """
    These names, and the former ones of the same things: clients go on using them.
    """
    return [*known, *(former for (where, former), now in ALIASES.items() if where == folder and now in known)]


def names(folder: str) -> list[str]:
    """
    What ships in a folder.
    """
    package = importlib.import_module(f"pushsvc.{folder}")
    promised = FOLDERS[folder]
    found = []
    for module in pkgutil.iter_modules(package.__path__):
        if module.name.startswith("_"):
            continue
        if promised.providedBy(importlib.import_module(f"pushsvc.{folder}.{module.name}")):
            found.append(module.name)
    return sorted(found)


def load(folder: str, name: str) -> ModuleType:
    """
    The module that a name in the configuration means.

    :raises UnknownKind: there is none, or it is not of this kind; the text says which and what there is.
    """
    if not _NAME.fullmatch(name):
        raise UnknownKind(f"{name!r} cannot be the name of a module")
    name = canonical(folder, name)
    dotted = name if "." in name else f"pushsvc.{folder}.{name}"
    try:
        module = importlib.import_module(dotted)
    except ModuleNotFoundError as e:
        # What it imports may be what is missing: that is another story.
        if e.name is None or not (dotted + ".").startswith(e.name + "."):
            raise
        raise UnknownKind(_unknown(folder, name)) from None
    try:
        verifyObject(FOLDERS[folder], module)
    except Invalid as e:
        raise UnknownKind(f"{dotted} is not one of {folder}: {e}") from None
    return module


def _unknown(folder: str, name: str) -> str:
    known = names(folder)
    likely = get_close_matches(name, known, 1)
    hint = f"; did you mean {likely[0]!r}?" if likely else ""
    return f"there is no {name!r} among {folder} ({', '.join(known)}){hint}"
