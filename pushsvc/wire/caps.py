"""
Entity capabilities (XEP-0115): one short text that stands for all that an entity says of itself.

We tell nobody ours. There are two places for that: presence, which a service has not; and the features of a stream
between servers, which only one of our links has, and in which no publisher looks: they publish to whom they were told,
without asking what it is. But who has it from elsewhere may ask what it stands for, and is answered.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable

from pushsvc.wire.disco import Extension, Info


def verOf(info: Info) -> str:
    """
    The text (XEP-0115 section 5.1).
    """
    said = [f"{category}/{type}//{name}" for category, type, name in info.identities]
    parts = [*_sorted(said), *_sorted(info.features)]
    for extension in sorted(info.extensions, key=lambda extension: extension.formType.encode("utf-8")):
        parts += _saidBy(extension)
    whole = "".join(f"{part}<" for part in parts)
    return b64encode(hashlib.sha1(whole.encode("utf-8"), usedforsecurity=False).digest()).decode("ascii")


def _saidBy(extension: Extension) -> list[str]:
    parts = [extension.formType]
    for name, values in sorted(extension.fields, key=lambda field: field[0].encode("utf-8")):
        parts += [name, *_sorted(values)]
    return parts


def _sorted(texts: Iterable[str]) -> list[str]:
    # By their bytes, as i;octet has it.
    return sorted(texts, key=lambda text: text.encode("utf-8"))
