"""
How Python runs a process that does nothing but push.
"""

import gc

import pytest

from pushsvc.interpreter import MADE, Interpreter


@pytest.fixture
def interpreter():
    """
    A service that runs.
    """
    service = Interpreter()
    service.startService()
    yield service
    if service.running:
        service.stopService()


def test_pushesAreNotHeldUp(interpreter):
    """
    A running service looks seldom for what is not used, and never at what was there from the start.
    """
    assert MADE == gc.get_threshold()[0]
    assert 0 < gc.get_freeze_count()


def test_whatWasSetBeforeIsSetAfterwards():
    """
    A service that was stopped leaves the process that it was in as it was.
    """
    before = gc.get_threshold()
    service = Interpreter()
    service.startService()

    service.stopService()

    assert before == gc.get_threshold()
