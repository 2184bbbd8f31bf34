"""
Everything between "an XMPP server holds a message for a sleeping phone" and "the phone wakes".
"""

from pushsvc import _compat

__version__ = "0.1.0"
__all__ = ["__version__"]

_compat.repair()
