"""
Web Push: what an app may be like.
"""

import re

import pytest
from zope.interface.verify import verifyObject

from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import IForms, IPayloads
from tests.providers.webpushsupport import makeWebPush
from tests.standins.http import ScriptedHTTP


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"vapid_key_file": "KEY", "subject": None}, "subject is missing"),
        ({"subject": "mailto:push@example.org"}, "goes with vapid-key-file"),
        ({"vapid_key_file": "/nonexistent"}, "vapid-key-file: /nonexistent: cannot be read"),
        ({"vapid_key_file": "KEY", "subject": "push@example.org"}, "subject: neither"),
        ({"vapid_key_file": "KEY", "subject": "mailto:push@localhost"}, "subject: neither"),
        ({"vapid_key_file": "KEY", "subject": "http://example.org"}, "subject: neither"),
        ({"vapid_key_file": "KEY", "subject": "https://localhost"}, "subject: neither"),
        ({"endpoint": "https://push.example"}, "endpoint: devices have"),
        ({"padded_size": 4097}, "padded-size"),
        ({"padded_size": 100}, "padded-size"),
        ({"allowed_endpoints": ["push.example"]}, "allowed-endpoints.0"),
    ],
)
def test_whatCannotWork(clock, vapid, keys, complaint):
    """
    What cannot work is said at the start.
    """
    said = {name: str(vapid[0]) if value == "KEY" else value for name, value in keys.items()}

    with pytest.raises((ValueError, ConfigurationError), match=re.escape(complaint)):
        makeWebPush(ScriptedHTTP(), clock, **said)


@pytest.mark.parametrize("subject", ["mailto:push@example.org", "https://example.org", "https://example.org/push"])
def test_subjects(clock, vapid, subject):
    """
    Push services want to know whom to turn to: by mail, or by a page.
    """
    assert makeWebPush(ScriptedHTTP(), clock, vapid_key_file=str(vapid[0]), subject=subject)


def test_interfaces(clock):
    """
    It tells what it needs, and what it can do with encrypted payloads.
    """
    provider = makeWebPush(ScriptedHTTP(), clock)

    assert verifyObject(IForms, provider)
    assert verifyObject(IPayloads, provider)
