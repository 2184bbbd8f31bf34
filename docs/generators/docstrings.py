"""
What docstrings say, for people who do not read code.
"""

import inspect
import re

_FIELD = re.compile(r"^:(\w+)(?: (\w+))?: *", re.M)


def opening(thing: object) -> str:
    """
    Everything before the first field.
    """
    return _FIELD.split(inspect.getdoc(thing) or "", maxsplit=1)[0].strip()


def sentence(thing: object) -> str:
    """
    The first paragraph.
    """
    return " ".join(opening(thing).partition("\n\n")[0].split())


def attributes(cls: type) -> dict[str, str]:
    """
    What ``:ivar name:`` says, in a class and in those that it is made from.
    """
    said: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        parts = _FIELD.split(inspect.cleandoc(base.__dict__.get("__doc__") or ""))[1:]
        for field, name, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            if field == "ivar":
                said[name] = " ".join(text.split())
    return said
