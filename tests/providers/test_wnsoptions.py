"""
Who we are to Microsoft, as the operator says it.
"""

import pytest

from pushsvc.providers.wnsoptions import readCredentials
from tests.providers.wnssupport import ENTRA, PARTNER_CENTER, optionsOf
from tests.standins.wns import CLIENT_ID, CLIENT_SECRET, PACKAGE_SID, TENANT

LIVE = "https://login.live.com/accesstoken.srf"


def without(table, key, **more):
    return {**{name: value for name, value in table.items() if name != key}, **more}


def test_entra():
    """
    An app of Entra ID asks its tenant for access tokens, with WNS' default scope.
    """
    credentials = readCredentials(optionsOf(**ENTRA))

    assert f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token" == credentials.endpoint
    assert (CLIENT_ID, CLIENT_SECRET) == (credentials.clientId, credentials.secret)
    assert "https://wns.windows.com/.default" == credentials.scope


def test_partnerCenter():
    """
    An app of Partner Center alone says its package SID to Microsoft's own token endpoint.
    """
    credentials = readCredentials(optionsOf(**PARTNER_CENTER))

    assert (LIVE, PACKAGE_SID, CLIENT_SECRET) == (credentials.endpoint, credentials.clientId, credentials.secret)
    assert "notify.windows.com" == credentials.scope


@pytest.mark.parametrize("table", [ENTRA, PARTNER_CENTER])
def test_tokenEndpoint(table):
    """
    Where access tokens are from can be said, for either; the tenant is not needed then.
    """
    given = {**table, "token-endpoint": "https://login.example/token"}

    assert "https://login.example/token" == readCredentials(optionsOf(**given)).endpoint
    given.pop("tenant", None)
    assert "https://login.example/token" == readCredentials(optionsOf(**given)).endpoint


@pytest.mark.parametrize(("table", "key"), [(ENTRA, "client-secret"), (PARTNER_CENTER, "auth-key")])
def test_secretsInFiles(tmp_path, table, key):
    """
    Secrets may stand in files of their own, and are never shown.
    """
    file = tmp_path / "secret"
    file.write_text("of the file\n")
    options = optionsOf(**without(table, key, **{f"{key}-file": str(file)}))

    credentials = readCredentials(options)

    assert "of the file" == credentials.secret
    assert "of the file" not in repr(credentials) + repr(options)
    assert CLIENT_SECRET not in repr(optionsOf(**table))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "tenant, client-id and client-secret-file are missing"),
        ({**ENTRA, **PARTNER_CENTER}, "tenant and package-sid: one of them"),
        (without(ENTRA, "tenant"), "tenant is missing"),
        (without(ENTRA, "client-id"), "client-id is missing"),
        (without(ENTRA, "client-secret"), "client-secret-file .or client-secret. is missing"),
        ({**ENTRA, "client-secret": ""}, "client-secret: is empty"),
        ({**ENTRA, "client-secret-file": "/nowhere"}, "client-secret and client-secret-file: one of them"),
        (without(ENTRA, "client-secret", **{"client-secret-file": "/nowhere"}), "client-secret-file: /nowhere"),
        ({**ENTRA, "tenant": "a/b"}, "tenant: neither"),
        (without(PARTNER_CENTER, "package-sid"), "package-sid is missing"),
        (without(PARTNER_CENTER, "auth-key"), "auth-key-file .or auth-key. is missing"),
        ({**PARTNER_CENTER, "package-sid": "S-1-15-2-1"}, "package-sid: not like"),
        ({**ENTRA, "token-endpoint": "http://login.example/token"}, "token-endpoint: not an https URL"),
        ({**ENTRA, "endpoint": "https://wns.example"}, "endpoint: devices have channels"),
    ],
)
def test_whatCannotBe(table, said):
    """
    What cannot work is told before anything starts, by its key, and without the secret.
    """
    with pytest.raises(ValueError, match=f"^{said}") as raised:
        readCredentials(optionsOf(**table))

    assert CLIENT_SECRET not in str(raised.value)
