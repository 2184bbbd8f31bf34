"""
Plays conversations: transcripts of stanzas, in which whoever is not us says what they send and what they receive::

    example.org sends:
        <iq type='get' to='push.example.net' id='a'><ping xmlns='urn:xmpp:ping'/></iq>

    example.org receives:
        <iq type='result' from='push.example.net' id='a'/>

    example.org receives nothing.

What is written must be in the stanza; more may be. ``[word]`` as an attribute or text stands for anything the first
time, and for the same from then on. An attribute ``absent='id'`` says that there is none of that name.
"""

import re
from pathlib import Path

from twisted.words.xish.domish import Element
from wokkel.generic import parseXml
from wokkel.test.helpers import TestableStreamManager

CONVERSATIONS = Path(__file__).parent.parent / "conversations"

_TURN = re.compile(r"^(\S+) (sends:|receives:|receives nothing\.)\n((?:(?:    .*)?\n)*)", re.M)


class Player:
    """
    Speaks for everybody who is not us.
    """

    def __init__(self, handlers):
        self._manager = TestableStreamManager(reactor=object())
        self._manager.timeout = None
        for handler in handlers:
            handler.setHandlerParent(self._manager)
        self._heard = 0
        self._words = {}

    def play(self, name, folder=CONVERSATIONS):
        text = (folder / f"{name}.txt").read_text("utf-8")
        turns = _TURN.findall(text)
        assert turns, f"{name} says nothing"
        for who, does, stanza in turns:
            if does == "sends:":
                self.send(stanza, sender=who)
            elif does == "receives:":
                received = self.receive()
                assert received.getAttribute("to") == who, received.toXml()
                self._compare(_parsed(stanza), received)
            else:
                assert self.silent, self.receive().toXml()
        assert self.silent, f"nobody awaited {self.receive().toXml()}"

    def send(self, stanza, sender=None):
        for word, meaning in self._words.items():
            stanza = stanza.replace(f"[{word}]", meaning)
        element = _parsed(stanza)
        if sender is not None and not element.hasAttribute("from"):
            element["from"] = sender
        self.hand(element)

    def hand(self, element):
        """
        Let a stanza in, as a stream does.
        """
        self._manager.stub.send(element)

    def receive(self):
        assert not self.silent, "nothing was received"
        self._heard += 1
        return parseXml(self._manager.stub.output[self._heard - 1].toXml().encode("utf-8"))

    def ask(self, stanza):
        self.send(stanza)
        return self.receive()

    @property
    def silent(self):
        return len(self._manager.stub.output) == self._heard

    def _compare(self, written: Element, received: Element) -> None:
        assert (written.uri, written.name) == (received.uri, received.name), received.toXml()
        for name, value in written.attributes.items():
            if name == "absent":
                assert not received.hasAttribute(value), received.toXml()
            else:
                self._same(value, received.getAttribute(name), received)
        text = "".join(child for child in written.children if isinstance(child, str)).strip()
        if text:
            self._same(text, str(received), received)
        candidates = list(received.elements())
        for child in written.elements():
            # In the order written, each fitting the next one that it can.
            while True:
                assert candidates, f"{child.toXml()} is not in {received.toXml()}"
                try:
                    self._compare(child, candidates.pop(0))
                    break
                except AssertionError:
                    continue

    def _same(self, written, received, where):
        assert received is not None, where.toXml()
        if word := re.fullmatch(r"\[(.+)\]", written):
            assert received
            written = self._words.setdefault(word[1], received)
        assert written == received, where.toXml()


def _parsed(stanza):
    # Indentation is for people only.
    return parseXml(re.sub(r">\s+<", "><", stanza.strip()).encode("utf-8"))
