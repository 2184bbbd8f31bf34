"""
What every `IOutbox` promises. Whoever uses this class has fixtures ``storage``: an open, empty `IStorage`, and
``clock``: the `Clock` that this storage goes by.
"""

from zope.interface.verify import verifyObject

from pushsvc.ipushsvc import IOutbox
from tests.contracts.outboxaccepting import Accepting
from tests.contracts.outboxclaiming import Claiming
from tests.contracts.outboxfinishing import Finishing


class OutboxContract(Accepting, Finishing, Claiming):
    """
    Statements about the outbox.
    """

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IOutbox, self.outbox)
