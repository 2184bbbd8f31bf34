"""
What is said before a stream between servers may carry stanzas, step by step.
"""

import re
import socket
import ssl
from typing import Any

# Seconds.
PATIENCE = 30.0

STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"
AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'/>"


class Talk:
    """
    One connection, and two who wait for each other.

    :ivar connection: with TLS, once there is any.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(PATIENCE)
        self.connection = connection
        self._heard = b""

    def say(self, text: str) -> None:
        """
        Say it.
        """
        self.connection.sendall(text.encode())

    def hears(self, pattern: str) -> list[str]:
        """
        Wait until this is said, after what was waited for last.

        :returns: its groups.
        :raises EOFError: it is not going to be said.
        """
        while not (found := re.search(pattern.encode(), self._heard, re.DOTALL)):
            data = self.connection.recv(65536)
            if not data:
                raise EOFError(self._heard[-500:].decode("utf-8", "replace"))
            self._heard += data
        self._heard = self._heard[found.end() :]
        return [group.decode() for group in found.groups(b"")]

    def opens(self, domain: str, to: str) -> str:
        """
        Begin a stream, or begin it anew.

        :returns: its id.
        """
        self.say(header(domain, to))
        said, *_ = self.hears("<stream:stream([^>]*)>.*?(?:</stream:features>|<stream:features/>)")
        return attribute(said, "id")

    def encrypts(self, context: ssl.SSLContext, **how: Any) -> None:
        """
        TLS from here on.
        """
        self.connection = context.wrap_socket(self.connection, **how)


def header(domain: str, to: str, id: str = "") -> str:
    """
    The beginning of a stream.

    :param id: of who answers.
    """
    more = f" id='{id}'" if id else ""
    return (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
        f"xmlns:stream='http://etherx.jabber.org/streams' from='{domain}' to='{to}' version='1.0'{more}>"
    )


def features(*those: str) -> str:
    """
    What may be asked for.
    """
    return f"<stream:features>{''.join(those)}</stream:features>"


def attribute(tag: str, name: str) -> str:
    """
    One of the attributes in a tag; empty: there is none.
    """
    found = re.search(rf"\s{name}=['\"]([^'\"]*)['\"]", tag)
    return found[1] if found else ""
