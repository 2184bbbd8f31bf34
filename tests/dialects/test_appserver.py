"""
mod_push_appserver's vocabulary, as old clients of Monal use it.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc.dialects import appserver
from pushsvc.errors import BadForm, NoSuchCommand, NoSuchNode
from pushsvc.ipushsvc import IDialect, IDialectKind
from tests.dialects.client import HOST, JULIET, values
from tests.support import resultOf

FORM_TYPE = "https://github.com/tmolitor-stud-tu/mod_push_appserver/#v1-register-push"


@pytest.fixture
def dialect(registrar):
    return appserver.makeDialect(registrar)


def register(client, **fields):
    said = {"FORM_TYPE": FORM_TYPE, "type": "apns", "node": "id", "token": "t", **fields}
    return client.run("v1-register-push", **said)


def test_kind(dialect):
    """
    It is a dialect of two commands, where there is an app at all.
    """
    assert verifyObject(IDialectKind, appserver)
    assert verifyObject(IDialect, dialect)
    assert {"v1-register-push", "v1-unregister-push"} == set(dialect.commands(HOST))
    assert {} == dialect.commands("nobody.example")


def test_R8_registers(juliet, registrar):
    """
    R8: a device gives its id as node, and gets the jid, node and secret that it enables with.
    """
    given = values(register(juliet))

    (kept,) = resultOf(registrar.registrations(JULIET))
    assert ("id", "apple", "t") == (kept.deviceId, kept.target.app, kept.target.token)
    assert {"jid": HOST, "node": kept.node, "secret": given["secret"]} == given
    assert kept.usedDigest(given["secret"]) is not None


def test_R6_complete(juliet):
    """
    R-6: these commands, and no others, end as ``complete``.
    """
    assert "complete" == register(juliet).status
    assert "complete" == juliet.run("v1-unregister-push", node="id").status


@pytest.mark.parametrize("byTheirName", [True, False])
def test_R8_unregisters(juliet, registrar, byTheirName):
    """
    R8: a device goes by the id that it gave, or by the node that it got.
    """
    given = values(register(juliet))

    gone = values(juliet.run("v1-unregister-push", type="apns", node="id" if byTheirName else given["node"]))

    assert {"jid": HOST, "node": given["node"]} == gone
    assert [] == list(resultOf(registrar.registrations(JULIET)))


def test_unregistersNothing(juliet, romeo, registrar):
    """
    Neither what is not there nor what is somebody else's can be unregistered.
    """
    given = values(register(juliet))

    for client, node in ((juliet, "other"), (romeo, "id"), (romeo, given["node"])):
        with pytest.raises(NoSuchNode):
            client.run("v1-unregister-push", node=node)

    assert 1 == len(resultOf(registrar.registrations(JULIET)))


@pytest.mark.parametrize("wrong", [{"type": ""}, {"token": ""}, {"node": ["a", "b"]}])
def test_whatIsMissing(juliet, wrong):
    """
    What is missing, or said twice, is told.
    """
    with pytest.raises(BadForm):
        register(juliet, **wrong)
    for command in ("v1-register-push", "v1-unregister-push"):
        with pytest.raises(BadForm):
            juliet.bare(command)


def test_unknownTypes(juliet):
    """
    A network that no app here is on cannot be registered for.
    """
    with pytest.raises(NoSuchCommand):
        register(juliet, type="carrier-pigeon")
