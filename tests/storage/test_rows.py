"""
What waits, as a row of a table and back.
"""

import pickle
from dataclasses import fields, replace
from itertools import product

import pytest

from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Target, Waiting
from pushsvc.storage.rules import Held
from pushsvc.storage.sql import rows
from pushsvc.storage.sql.schema import outbox

ODD = Summary(1, 0, 'a"b\\@c/ü', "line\nü☃\u2028\U0001f600", "d@e")
SUMMARIES = (None, Summary(), ODD, Summary(lastMessageBody=""))
SECRETS = (None, Encrypted("iv", "payload"), Encrypted("iv", "payload", "voip"))
MAPPINGS: tuple[dict[str, str], ...] = ({}, {"event": "x", "{ns}name": "<a b='ü'/>"})


def read(held):
    return rows.toWaiting((1, *rows.fromHeld(held)), held.waiting.owner)


@pytest.mark.parametrize("kind", Kind)
def test_back(kind):
    """
    What was written is read as it was: it is equal, has the same hash, and shows, copies and changes as its equal does.
    """
    for summary, encrypted, mapping, priority in product(SUMMARIES, SECRETS, MAPPINGS, Priority):
        notification = Notification(kind, priority, summary, encrypted, mapping)
        wanted = Waiting(Target("key", "app", "token", mapping), notification, "id", "lane", 2.5, 1.5, 1, 7, 3, "me")

        found = read(Held(wanted, 9.0, 1.0))

        assert wanted == found
        assert hash(wanted) == hash(found)
        assert repr(wanted) == repr(found)
        assert wanted == pickle.loads(pickle.dumps(found))
        assert replace(wanted, owner=None) == replace(found, owner=None)
        assert notification.smaller() == found.notification.smaller()


def test_allFields():
    """
    What is read has all fields of its kind, also those that may be left out when it is made.
    """
    notification = Notification(summary=Summary(1), encrypted=Encrypted("iv", "payload"))
    waiting = read(Held(Waiting(Target("key", "app", "token"), notification, "id", "lane", 2.0, 1.0), None, 1.0))

    read_ = (waiting, waiting.target, waiting.notification, waiting.notification.summary)
    for value in (*read_, waiting.notification.encrypted):
        assert {field.name for field in fields(value)} == set(vars(value))


def test_summariesOfOtherTimes():
    """
    A summary that was written before there was a field of it does not say anything about that.
    """
    waiting = Waiting(Target("key", "app", "token"), Notification(summary=ODD), "id", "lane", 2.0, 1.0)
    names = [column.name for column in outbox.c if column is not outbox.c.id]
    row = dict(zip(names, rows.fromHeld(Held(waiting, None, 1.0)), strict=True))

    few = rows.toWaiting((1, *{**row, "summary": '{"messageCount":1}'}.values()), None)
    none = rows.toWaiting((1, *{**row, "summary": "{}"}.values()), None)

    assert [Summary(1), Summary()] == [few.notification.summary, none.notification.summary]
    assert [Summary(1), Summary()] == [few.notification.summary.counts(), none.notification.summary.counts()]
