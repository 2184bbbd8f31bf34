"""
A client of an account, in the words of a test.
"""

from tests.clients.world import HOST
from tests.xmpp.player import Player

JULIET = "juliet@example.org"
NS_COMMANDS = "http://jabber.org/protocol/commands"
NS_DATA = "jabber:x:data"


class Phone:
    """
    A client of an account.
    """

    def __init__(self, player: Player, account: str = JULIET, resource: str = "balcony") -> None:
        self._player = player
        self._jid = f"{account}/{resource}"
        self._account = account

    def ask(self, payload, type="set", sender=None):
        """
        The answer to a request.
        """
        return self._player.ask(f"<iq type='{type}' to='{HOST}' id='1' from='{sender or self._jid}'>{payload}</iq>")

    def run(self, command, /, action="execute", form=True, **fields):
        """
        The answer to a command: its element, or the error's condition. ``device_id`` is the field device-id.
        """
        given = "".join(
            f"<field var='{name.replace('_', '-')}'>{''.join(f'<value>{v}</value>' for v in _list(value))}</field>"
            for name, value in fields.items()
        )
        said = f"<x xmlns='{NS_DATA}' type='submit'>{given}</x>" if form else ""
        attribute = f" action='{action}'" if action else ""
        answer = self.ask(f"<command xmlns='{NS_COMMANDS}' node='{command}'{attribute}>{said}</command>")
        if answer["type"] == "error":
            return next(child.name for child in answer.error.elements())
        return answer.command

    def register(self, command="register-push-fcm", /, **fields):
        """
        What the answer to a registration says.
        """
        return valuesOf(self.run(command, **{"token": "t", **fields}))

    def publish(self, node, secret=None, sender="example.org", **options):
        """
        How a server's publish is answered: None when it is taken, else the error's condition.
        """
        said = {**({"secret": secret} if secret is not None else {}), **options}
        fields = "".join(f"<field var='{name}'><value>{value}</value></field>" for name, value in said.items())
        form = f"<publish-options><x xmlns='{NS_DATA}' type='submit'>{fields}</x></publish-options>" if fields else ""
        answer = self.ask(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            f"<publish node='{node}'><item><notification xmlns='urn:xmpp:push:0'/></item></publish>{form}</pubsub>",
            sender=sender,
        )
        return None if answer["type"] == "result" else next(child.name for child in answer.error.elements())


def _list(value):
    return value if isinstance(value, list) else [value]


def valuesOf(command):
    return {field["var"]: str(field.value) for field in command.x.elements() if field.name == "field"}
