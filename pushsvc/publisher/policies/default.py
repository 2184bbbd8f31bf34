"""
The rules of Prosody's mod_cloud_notify, as they are.
"""

from zope.interface import moduleProvides

from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind

moduleProvides(IPushPolicyKind)


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return default
