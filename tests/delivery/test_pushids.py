"""
Names for pushes.
"""

from uuid import RFC_4122, UUID

from pushsvc.delivery.pushids import FETCHED, PushIds


def test_uuids():
    """
    They are UUIDs of version 4, as APNs and others want them, in the usual spelling; and no two are alike.
    """
    ids = PushIds()

    made = [ids.next() for _ in range(3 * FETCHED)]

    assert len(made) == len(set(made))
    for each in made:
        uuid = UUID(each)
        assert (4, RFC_4122, each) == (uuid.version, uuid.variant, str(uuid))


def test_nothingIsFetchedBefore():
    """
    What is made before a process forks holds no randomness that both would use.
    """
    asked = []

    def random(count):
        asked.append(count)
        return bytes(count)

    ids = PushIds(random)
    assert [] == asked

    ids.next()
    assert 1 == len(asked)
