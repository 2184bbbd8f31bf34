"""
Where pushsvc finds the servers that publish: it asks there whether a dialback key is theirs, and it opens the streams
on which answers come when they do not come on those that the servers have opened.
"""

import hashlib
import socket
import ssl
import threading
from collections import defaultdict
from queue import SimpleQueue

from bench.s2s.talk import DIALBACK, MECHANISMS, PATIENCE, PROCEED, STARTTLS, SUCCESS, Talk, attribute, features, header

_ASKED = "<(auth)[^>]*>[^<]*</auth>|<db:(verify)([^>]*)>([^<]*)</db:verify>|<db:result[^>]*>[^<]*</db:result>"


class Home:
    """
    Of all of them.

    :ivar port: there.
    """

    def __init__(self, context: ssl.SSLContext, external: bool) -> None:
        """
        :param external: whether pushsvc may prove by its certificate who it is; else it does by dialback. Either is
            believed as it is said: what is measured is pushsvc.
        """
        self._context = context
        self._offered = [MECHANISMS, DIALBACK] if external else [DIALBACK]
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._ready: defaultdict[str, SimpleQueue[socket.socket]] = defaultdict(SimpleQueue)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """
        Take no more.
        """
        # It may be waited at, and closing alone wakes nobody.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def cameTo(self, domain: str) -> socket.socket:
        """
        The next stream on which pushsvc has something to say to this domain.
        """
        return self._ready[domain].get(timeout=PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._receive, args=(Talk(connection),), daemon=True).start()

    def _receive(self, talk: Talk) -> None:
        try:
            domain, _ = self._greeted(talk, STARTTLS)
            talk.hears("<starttls[^>]*>")
            talk.say(PROCEED)
            talk.encrypts(self._context, server_side=True)
            domain, other = self._greeted(talk, *self._offered)
            while self._answersQuestion(talk, domain, other):
                pass
            self._ready[domain].put(talk.connection)
        except (OSError, EOFError):
            talk.connection.close()

    def _greeted(self, talk: Talk, *offered: str) -> tuple[str, str]:
        [said] = talk.hears("<stream:stream([^>]*)>")
        domain, other = attribute(said, "to"), attribute(said, "from")
        talk.say(header(domain, other, "home") + features(*offered))
        return domain, other

    def _answersQuestion(self, talk: Talk, domain: str, other: str) -> bool:
        """
        :returns: whether there may be more of them: no stanzas come yet.
        """
        auth, verify, asked, key = talk.hears(_ASKED)
        if auth:
            talk.say(SUCCESS)
            self._greeted(talk)
        elif verify:
            id = attribute(asked, "id")
            type = "valid" if key.strip() == keyOf(domain, other, id) else "invalid"
            talk.say(f"<db:verify from='{domain}' to='{other}' id='{id}' type='{type}'/>")
            return True
        else:
            talk.say(f"<db:result from='{domain}' to='{other}' type='valid'/>")
        return False


def keyOf(domain: str, to: str, id: str) -> str:
    """
    What proves that this domain has opened the stream of this id. Of two who do not mean to deceive each other.
    """
    return hashlib.sha256(f"{domain} {to} {id}".encode()).hexdigest()
