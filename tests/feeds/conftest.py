"""
A RabbitMQ for all tests that need one.
"""

from collections.abc import Iterator

import pytest

from tests.servers.rig.rabbitmq import RabbitMQ
from tests.support import untested


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """
    A broker that nobody else uses.
    """
    if not RabbitMQ.isInstalled():
        untested("rabbitmq-server is not installed: nothing is known about the amqp feed")
    broker = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
