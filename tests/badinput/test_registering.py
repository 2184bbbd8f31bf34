"""
Registering, listing and unregistering as it should not be done.
"""

import pytest

from tests.support import resultOf
from tests.xmpp.test_house import command, condition, fieldsOf, iq, publish

BALCONY = "juliet@example.net/balcony"
GARDEN = "juliet@example.net/garden"
ROMEO = "romeo@example.net/orchard"


def field(name, *values):
    return f"<field var='{name}'>{''.join(f'<value>{value}</value>' for value in values)}</field>"


def register(player, *fields, sender=BALCONY, token="t"):
    return player.ask(iq(command(field("token", token) + "".join(fields)), sender))


def listed(player, sender=BALCONY):
    answer = player.ask(iq(command(None, node="list-push-registrations"), sender)).command
    if answer.x is None:
        return []
    return [str(item.firstChildElement().value) for item in answer.x.elements("jabber:x:data", "item")]


# REG-1


@pytest.mark.parametrize(
    "fields",
    [
        "",
        field("token"),
        field("token", ""),
        field("token", "a", "b"),
        field("token", "a") + field("token", "b"),
        field("token", "impossible"),
        field("token", "a") + field("device-id", "a", "b"),
        field("token", "a") + field("device-id", "d" * 5000),
        field("token", "a") + field("device-name", "n" * 5000),
        field("token", "a") + field("app", "no such app"),
        field("token", "a") + field("muc", "@"),
        field("TOKEN", "a"),
    ],
)
def test_REG1_badFields(player, fields):
    """
    REG-1, REG-5: What is missing, doubled, too long or wrong is a bad payload, and registers nothing.
    """
    reply = player.ask(iq(command(fields)))

    assert "modify bad-request bad-payload" == condition(reply)
    assert [] == listed(player)


def test_REG1_noDevice(player):
    """
    REG-1: Where neither a field nor the resource says which device it is, there is none to register.
    """
    bare = "juliet@example.net"

    assert "modify bad-request bad-payload" == condition(register(player, sender=bare))
    assert "completed" == register(player, field("device-id", "d"), sender=bare).command["status"]


def test_REG1_theResult(player):
    """
    REG-1: The answer has jid, node and secret, each once and none of them empty.
    """
    fields = fieldsOf(register(player))

    assert ["jid", "node", "secret"] == list(fields)
    assert all(len(values) == 1 and values[0] for values in fields.values())


# REG-2


def test_REG2_theNodeIsKept(player):
    """
    REG-2: The same device of the same user keeps its node; any other has its own.
    """
    first, again = fieldsOf(register(player)), fieldsOf(register(player, token="newer"))
    others = [fieldsOf(register(player, sender=sender)) for sender in (GARDEN, ROMEO, "romeo@example.net/balcony")]

    assert first["node"] == again["node"]
    assert 4 == len({fields["node"][0] for fields in (first, *others)})


def test_REG2_bothSecretsWork(player, house):
    """
    REG-2: The secret that the user's server still has works until the newer one is used.
    """
    first, again = fieldsOf(register(player)), fieldsOf(register(player))
    node, old, new = first["node"][0], first["secret"][0], again["secret"][0]

    answers = [player.ask(publish(node, secret))["type"] for secret in (old, new, old)]

    assert ["result", "result", "error"] == answers


# REG-3


def test_REG3_onlyOnesOwn(player):
    """
    REG-3: The list has one's own devices and nothing of anybody else's; where there is none, it has no form.
    """
    assert player.ask(iq(command(None, node="list-push-registrations"), ROMEO)).command.x is None
    register(player)
    register(player, sender=GARDEN)
    register(player, sender=ROMEO)

    assert (2, 1) == (len(listed(player)), len(listed(player, ROMEO)))


# REG-4


@pytest.mark.parametrize("nodes", ["{romeos}", "{romeos} {mine}", "gone {romeos}", "{mine} {mine}"])
def test_REG4_foreignNodesAreNeverTouched(player, nodes):
    """
    REG-4: Of the nodes that one names, those are unregistered and confirmed that are one's own. A foreign one is passed
    over like one that never was.
    """
    mine, romeos = [fieldsOf(register(player, sender=sender))["node"][0] for sender in (BALCONY, ROMEO)]
    named = nodes.format(mine=mine, romeos=romeos).split()

    reply = player.ask(iq(command(field("nodes", *named), node="unregister-push")))

    own = [mine] if mine in named else []
    assert own == fieldsOf(reply)["nodes"]
    assert [romeos] == listed(player, ROMEO)
    assert ([] if own else [mine]) == listed(player)


def test_REG4_whatWins(player):
    """
    REG-4: Nodes beat the device id, and that beats the resource.
    """
    for sender in (BALCONY, GARDEN):
        register(player, sender=sender)
    garden = fieldsOf(register(player, sender=GARDEN))["node"][0]

    player.ask(iq(command(field("nodes", garden) + field("device-id", "balcony"), node="unregister-push")))
    afterNodes = len(listed(player))
    player.ask(iq(command(field("device-id", "garden"), node="unregister-push")))
    afterDevice = len(listed(player))
    player.ask(iq(command(None, node="unregister-push")))

    assert (1, 1, 0) == (afterNodes, afterDevice, len(listed(player)))


def test_REG4_othersDevicesAreOthers(player):
    """
    REG-4: A device id is the user's own: the same of somebody else is another device.
    """
    register(player, field("device-id", "phone"), sender=ROMEO)

    reply = player.ask(iq(command(field("device-id", "phone"), node="unregister-push")))

    assert "completed" == reply.command["status"]
    assert 1 == len(listed(player, ROMEO))


# REG-5


def test_REG5_unknownNetworks(player):
    """
    REG-5: A network that there is no app for has no command.
    """
    for network in ("apns", "", "../fcm", "FCM", "pushsvc.providers.fcm"):
        node = f"register-push-{network}"
        assert "cancel item-not-found" == condition(player.ask(iq(command(node=node))))


@pytest.mark.parametrize("node", ["register-push-fcm", "unregister-push", "list-push-registrations"])
@pytest.mark.parametrize("sender", ["mallory@example.com/x", "mallory@sub.example.net/x", "example.com", "net"])
def test_REG5_notForEverybody(player, node, sender):
    """
    REG-5, X-8: Who is not allowed is forbidden every command: the rule is about whole domains, never about their ends.
    """
    assert "auth forbidden" == condition(player.ask(iq(command(node=node), sender)))


@pytest.mark.parametrize("node", ["register-push-fcm", "unregister-push", "list-push-registrations"])
def test_REG5_storageTrouble(player, house, node):
    """
    REG-5: Storage trouble is temporary.
    """
    resultOf(house.storage.close())

    assert "wait internal-server-error" == condition(player.ask(iq(command(node=node))))


# 0050-4


@pytest.mark.parametrize("language", ["de", "tlh", "", "x" * 500])
def test_0050_4_anyLanguage(player, language):
    """
    0050-4: No language is a bad locale: forms here have no words that would need another.
    """
    request = iq(command()).replace("<command", f"<command xml:lang='{language}'")

    assert "completed" == player.ask(request).command["status"]


@pytest.mark.parametrize("action", ["", "Execute", "execute ", "submit", "\u00e4"])
def test_0050_4_malformedActions(player, action):
    """
    0050-4: What is no action is a malformed one, and nothing is run; no action at all means execute.
    """
    reply = player.ask(iq(command(action=f" action='{action}'")))

    assert ("error" if action else "result") == reply["type"]
    if action:
        assert "modify bad-request malformed-action" == condition(reply)
        assert [] == listed(player)
