"""
A push service in miniature: one pubsub and register host, one of each that is only that, and those of `trees`.
"""

from dataclasses import dataclass, field

from zope.interface import implementer

from pushsvc.command import CommandField, CommandResult
from pushsvc.errors import BadForm, NoSuchNode, TryLater, WrongSecret
from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.ipushsvc import IDialect, INodeTree, INodeType
from pushsvc.model import Node
from tests.xmpp.trees import Trees

HOST = "push.example.net"


@implementer(INodeTree, INodeType)
class Nodes:
    """
    One node, ``node-1``, with the secret ``s3cret``; and two that are out of order.
    """

    def __init__(self):
        self.published = []

    async def getNode(self, host, nodeIdentifier):
        if nodeIdentifier not in ("node-1", "busy", "broken"):
            raise NoSuchNode()
        return Node(nodeIdentifier, "push")

    async def resolve(self, host, nodeIdentifier):
        return await self.getNode(host, nodeIdentifier)

    async def publish(self, node, publish):
        if node.identifier == "busy":
            raise TryLater("the disk at /dev/secret is full")
        if node.identifier == "broken":
            raise ZeroDivisionError("s3cret")
        if publish.options.get("secret") != ("s3cret",):
            raise WrongSecret()
        self.published.append(publish)


@implementer(IDialect)
class Dialect:
    """
    Registers in its own way, and lists.
    """

    def __init__(self):
        self.requests = []

    def commands(self, registerHost):
        return {"register-push-demo": "Register for demo", "list": "List registrations", "wait": "Wait"}

    async def execute(self, request):
        self.requests.append(request)
        if request.node == "wait":
            raise TryLater()
        if request.node == "list":
            columns = (CommandField("device-name", "Device"), CommandField("node", "Node"))
            return CommandResult(columns=columns, items=({"device-name": "Phone", "node": "node-1"}, {"node": "n2"}))
        if request.fields is None:
            asked = CommandField("token", "Token", required=True)
            return CommandResult(form=(asked,), title="Register")
        if request.fields.required("token") == "bad":
            raise BadForm("token is wrong")
        values = (("jid", (HOST,)), ("node", ("node-1",)), ("secret", ("s3cret",)))
        return CommandResult(values=values, note="Registered.")


@dataclass
class World:
    """
    What is served.
    """

    nodes: Nodes = field(default_factory=Nodes)
    dialect: Dialect = field(default_factory=Dialect)
    trees: Trees = field(default_factory=Trees)

    @property
    def hosts(self):
        both = ServedHost(
            HOST,
            tree=self.nodes,
            types={"push": self.nodes},
            dialects=(self.dialect,),
            appNames=("chatninja",),
            contact={"abuse": ("mailto:abuse@example.net", "xmpp:abuse@example.net")},
        )
        uniform = ServedHost("uniform.example.net", tree=self.nodes, types={"push": self.nodes}, uniformErrors=True)
        owners = ServedHost(
            "owners.example.net", tree=self.nodes, types={"push": self.nodes}, publishers=("example.org",)
        )
        register = ServedHost(
            "register.example.net", dialects=(self.dialect,), access=AccessRule(("example.org",)), appNames=("a", "b")
        )
        return {host.name: host for host in (both, uniform, owners, register, *self.trees.hosts)}
