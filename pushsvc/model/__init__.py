"""
The values that cross layers: frozen, comparable, and silent about what they know of people.

JIDs are text here, bare and prepared (RFC 6122) by whoever read them from a stanza.
"""

from pushsvc.model.notification import Encrypted, Kind, Notification, Priority, Summary, known
from pushsvc.model.publish import Node, Publish
from pushsvc.model.registration import (
    NO_SECRET,
    SECRETS_KEPT,
    Credentials,
    Device,
    Offer,
    Registration,
    Target,
    digest,
    isTokenId,
    tokenId,
    withSecret,
)
from pushsvc.model.waiting import Remembered, Standing, Waiting, Work

__all__ = [
    "NO_SECRET",
    "SECRETS_KEPT",
    "Credentials",
    "Device",
    "Encrypted",
    "Kind",
    "Node",
    "Notification",
    "Offer",
    "Priority",
    "Publish",
    "Registration",
    "Remembered",
    "Standing",
    "Summary",
    "Target",
    "Waiting",
    "Work",
    "digest",
    "isTokenId",
    "known",
    "tokenId",
    "withSecret",
]
