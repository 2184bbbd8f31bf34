"""
A RabbitMQ for all tests that need one.
"""

import os
from collections.abc import Iterator

import pytest

from tests.servers.rig.rabbitmq import RabbitMQ


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """
    A broker that nobody else uses.
    """
    if not RabbitMQ.isInstalled():
        missing = "rabbitmq-server is not installed: nothing is known about the amqp feed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    broker = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
