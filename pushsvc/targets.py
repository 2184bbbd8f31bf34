"""
Targets that stand in a publish itself, rather than in a registration: in MongooseIM's publish-options, and as the name
of the node.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pushsvc.apps import App
from pushsvc.errors import PreconditionNotMet
from pushsvc.fields import Fields
from pushsvc.kinds import canonical
from pushsvc.model import Target

# The provider that any service goes to which no app of ours is on.
GATEWAY = "mongoosepush"
# What the keys of such targets begin with: no node that a registration was given does.
_PREFIX = "token-"

_ENVIRONMENTS = {"dev": "sandbox", "prod": "production"}


def ofOptions(apps: Iterable[App], host: str | None, options: Mapping[str, Sequence[str]]) -> Target:
    """
    The device that MongooseIM's options name: ``service`` and ``device_id``, with what else its network reads.

    It is a device of the app on that service, or of that one of several whose ``topic`` it is, or that is the default;
    where no app is on the service, of that on a gateway.

    :param host: the pubsub host; None: whichever.
    :raises PreconditionNotMet: one of the two is missing, or doubled; or no app is meant, or it is not known which.
    :raises BadForm: it cannot be a device of that network.
    """
    # What is said several times is not said (MIM-6).
    said = {name: (values[0],) for name, values in options.items() if len(values) == 1 and values[0]}
    if "service" not in said or "device_id" not in said:
        raise PreconditionNotMet("service and device_id are wanted")
    token, service = said["device_id"][0], canonical("providers", said["service"][0].strip().lower())
    environment = _ENVIRONMENTS.get(said.get("mode", ("",))[0].lower())
    asked = Fields({**said, "token": (token,), **({"environment": (environment,)} if environment else {})})
    here = [app for app in apps if app.pubsubHost and host in (None, app.pubsubHost)]
    candidates = [app for app in here if app.kind == service] or [app for app in here if app.kind == GATEWAY]
    app = _only(candidates, asked)
    if app is None:
        raise PreconditionNotMet("topic: which app is meant?" if candidates else "service: no app is on this network")
    return _target(app, asked)


def ofToken(apps: Iterable[App], host: str, token: str, options: Mapping[str, Sequence[str]]) -> Target:
    """
    The device whose token is the node's name. The option ``pushModule`` names the app, if there are several.

    :raises PreconditionNotMet: there is no such app, or nothing says which is meant.
    :raises BadForm: it cannot be a device of that network.
    """
    here = [app for app in apps if app.pubsubHost == host]
    named = tuple(value for value in options.get("pushModule", ()) if value)
    asked = Fields({"token": (token,)})
    app = _only([app for app in here if (app.name,) == named] if named else here, asked)
    if app is None:
        raise PreconditionNotMet("pushModule: there is no such app" if named else "pushModule is wanted")
    return _target(app, asked)


def isOfPublish(target: Target) -> bool:
    """
    Whether it stood in a publish, so that nothing but the network knows anything of the device.
    """
    return target.key.startswith(_PREFIX)


def keyed(target: Target, key: str, **details: str) -> Target:
    """
    The same device, for whoever has a key of his own for it.
    """
    return replace(target, key=key, details={**target.details, **details})


def _only(candidates: Sequence[App], asked: Fields) -> App | None:
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    spokenFor = [app for app in candidates if app.provider.speaksFor(asked)]
    default = [app for app in candidates if app.default]
    for narrowed in (spokenFor, default):
        if len(narrowed) == 1:
            return narrowed[0]
    return None


def _target(app: App, asked: Fields) -> Target:
    token, details = app.provider.readTarget(asked)
    # Tokens may be long, and keys are what databases look for.
    key = hashlib.sha256(f"{app.name}\0{token}".encode("utf-8", "surrogatepass")).hexdigest()
    return Target(f"{_PREFIX}{key}", app.name, token, details)
