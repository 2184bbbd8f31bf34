"""
How a node is configured (``pubsub#node_config``): which options there are, and what they may be.

There is one item at most, whoever may see it is on a list, and nobody's presence is known: an option that would need
more has one value only.
"""

from collections.abc import Mapping
from dataclasses import replace

from pushsvc.errors import NotAcceptable
from pushsvc.ipushsvc import ILeafType
from pushsvc.leaf import Leaf
from pushsvc.model import digest

TITLE_MAX = 255
SECRET_MAX = 1023
# Both spellings are in use, and the first is what mod_push has.
SECRETS = ("pubsub#secret", "secret")

_FLAGS = {"1": "1", "true": "1", "0": "0", "false": "0"}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "pubsub#deliver_notifications": _FLAGS,
    "pubsub#deliver_payloads": _FLAGS,
    "pubsub#notify_config": _FLAGS,
    "pubsub#notify_delete": _FLAGS,
    "pubsub#notify_retract": _FLAGS,
    "pubsub#persist_items": _FLAGS,
    "pubsub#publish_model": {"publishers": "publishers", "open": "open"},
    "pubsub#notification_type": {"headline": "headline", "normal": "normal"},
}
_TEXTS = ("pubsub#title", "pubsub#type")


def configured(leaf: Leaf, type: ILeafType, said: Mapping[str, tuple[str, ...]]) -> Leaf:
    """
    The node as it is when these options have been chosen. What is not pubsub's is passed over.

    :raises NotAcceptable: one of them is none, or cannot be that.
    """
    configuration = dict(leaf.configuration)
    for name, values in said.items():
        if name.startswith("pubsub#") and name not in SECRETS:
            configuration[name] = _chosen(name, values, type)
    secret = secretIn(said) if type.hasSecret else None
    if secret is None and not type.hasSecret and "pubsub#secret" in said:
        raise NotAcceptable("pubsub#secret: there is no such option")
    # An owner who submits what he was shown submits an empty one.
    return replace(leaf, configuration=configuration, digest=digest(secret) if secret else leaf.digest)


def secretIn(said: Mapping[str, tuple[str, ...]]) -> str | None:
    """
    The secret among these options; None when none is said.

    :raises NotAcceptable: it is said twice.
    """
    secrets = [value for name in SECRETS for value in said.get(name, ()) if value]
    if len(secrets) > 1 or any(len(secret) > SECRET_MAX for secret in secrets):
        raise NotAcceptable("pubsub#secret: one, and not too long")
    return secrets[0] if secrets else None


def _chosen(name: str, values: tuple[str, ...], type: ILeafType) -> str:
    said = values[0].strip() if len(values) == 1 else ""
    default: str | None = type.defaults.get(name)
    if name in _TEXTS and name not in type.fixed:
        if len(values) > 1 or len(said) > TITLE_MAX:
            raise NotAcceptable(f"{name}: one text, and not too long")
        return said
    if default is None:
        raise NotAcceptable(f"{name}: there is no such option")
    choices = _CHOICES.get(name, {})
    value = choices.get(said, said)
    isFree = name in _CHOICES and name not in type.fixed
    if len(values) == 1 and (value == default or (isFree and said in choices)):
        return value
    # Flags that cannot be chosen may come in either spelling.
    if len(values) == 1 and _FLAGS.get(said) == default and default in ("0", "1"):
        return default
    raise NotAcceptable(
        f"{name}: cannot be that here", "unsupported-access-model" if name == "pubsub#access_model" else None
    )
