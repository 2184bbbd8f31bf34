"""
What the tests of Google's networks live with.
"""

import pytest

from tests.providers.fcmsupport import TOKEN_URI
from tests.standins.certificates import publicKeyOf, writeServiceAccount
from tests.standins.fcm import GoogleStandIn


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    """
    A service account's file.
    """
    return writeServiceAccount(tmp_path_factory.mktemp("account") / "service-account.json", TOKEN_URI)


@pytest.fixture
def google(account, clock):
    """
    A stand-in for Google, at the test's time.
    """
    return GoogleStandIn(publicKeyOf(account), clock=clock.seconds)
