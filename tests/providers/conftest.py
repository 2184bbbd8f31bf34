"""
Networks without sockets, at the test's time, and what they know us by.
"""

import pytest

from tests.providers.fcmsupport import TOKEN_URI
from tests.providers.huaweisupport import makeHuawei, tableOf
from tests.standins.certificates import publicKeyOf, writeServiceAccount
from tests.standins.fcm import GoogleStandIn
from tests.standins.http import httpTo
from tests.standins.huawei import HuaweiStandIn, writeHuaweiAccount
from tests.standins.mongoosepush import MongoosePushStandIn
from tests.standins.webpush import writeKey
from tests.standins.wns import WNS


@pytest.fixture(scope="session")
def account(tmp_path_factory):
    """
    The file of a service account at Google.
    """
    return writeServiceAccount(tmp_path_factory.mktemp("account") / "service-account.json", TOKEN_URI)


@pytest.fixture
def google(account, clock):
    """
    Google.
    """
    return GoogleStandIn(publicKeyOf(account), clock=clock.seconds)


@pytest.fixture(scope="session")
def huaweiAccountFile(tmp_path_factory):
    """
    The file of a service account at Huawei.
    """
    return writeHuaweiAccount(tmp_path_factory.mktemp("account") / "service-account.json")


@pytest.fixture
def huawei(clock):
    """
    Huawei.
    """
    return HuaweiStandIn(clock=clock.seconds)


@pytest.fixture
def huaweiApp(huaweiAccountFile, huawei, clock):
    """
    Makes an app of some version.
    """

    def make(version="v3", **more):
        return makeHuawei(tableOf(version, huaweiAccountFile), httpTo(huawei, clock), clock, **more)

    return make


@pytest.fixture
def gateway(clock):
    """
    MongoosePush.
    """
    return MongoosePushStandIn(clock.seconds)


@pytest.fixture
def windows(clock):
    """
    WNS.
    """
    return WNS(clock=clock.seconds)


@pytest.fixture
def vapid(tmp_path):
    """
    A key for Web Push: its file and its public half.
    """
    return writeKey(tmp_path / "vapid.pem")
