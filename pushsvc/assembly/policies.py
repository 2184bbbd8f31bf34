"""
Policies, as ``publisher.policies`` names them: what ships by the name of its file, a module of somebody's by its dotted
name, a file of somebody's by its path.
"""

import importlib
import sys
import traceback
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from zope.interface.exceptions import Invalid
from zope.interface.verify import verifyObject

from pushsvc.assembly.loading import load
from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind
from pushsvc.publisher.older import Older, isOlder

AT = "publisher.policies"


def policyOf(name: str, default: IPushPolicy) -> Any:
    """
    The policy that a name means: an object with some of the methods of `IPushPolicy`.

    :param default: what holds when nobody says otherwise.
    :raises ConfigurationError: there is none, or it does not work.
    """
    if name.endswith(".py"):
        module: Any = _ofFile(Path(name))
    elif "/" in name:
        raise ConfigurationError(f"{AT}: {name!r}: the name of a file ends in .py")
    else:
        module = _importable(name) if "." in name else None
    # What is of the older shape is no kind of ours, and says so by its functions.
    if module is not None and isOlder(module):
        return Older(module, default)
    if not name.endswith(".py"):
        module = load("publisher.policies", name, AT)
    try:
        policy = module.makePolicy(default)
    except (Exception, SystemExit) as e:
        raise ConfigurationError(f"{AT}: {name!r}: makePolicy fails: {_said(e, None)}") from None
    if not any(callable(getattr(policy, method, None)) for method in IPushPolicy.names()):
        methods = ", ".join(sorted(IPushPolicy.names()))
        raise ConfigurationError(f"{AT}: {name!r}: makePolicy returns no policy: {methods}")
    return policy


def _importable(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as e:
        if e.name is None or not f"{name}.".startswith(f"{e.name}."):
            # It is there, and what it needs is not.
            raise ConfigurationError(f"{AT}: {name!r}: {e}") from None
        return None
    except (Exception, SystemExit) as e:
        raise ConfigurationError(f"{AT}: {name!r}: {_said(e, None)}") from None


def _ofFile(path: Path) -> ModuleType:
    at = f"{AT}: {str(path)!r}"
    try:
        text = path.read_bytes()
    except OSError as e:
        raise ConfigurationError(f"{at}: cannot be read: {e.strerror}") from None
    name = f"pushsvc_policy_{sha256(str(path.absolute()).encode()).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    # Dataclasses look for their module there. Nothing is written beside the file, as importing it would do.
    sys.modules[name] = module
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as e:
        del sys.modules[name]
        raise ConfigurationError(f"{at}: {_said(e, path)}") from None
    if not isOlder(module):
        try:
            # Whose file it is knows what it is for: it need not declare it.
            verifyObject(IPushPolicyKind, module, tentative=True)
        except Invalid:
            raise ConfigurationError(
                f"{at}: is no policy: it has neither makePolicy(default) nor should_publish nor publish_notification"
            ) from None
    return module


def _said(error: BaseException, path: Path | None) -> str:
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"line {error.lineno}: {error.msg}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    where = f"line {lines[-1]}: " if lines else ""
    return f"{where}{type(error).__name__}: {error}"
