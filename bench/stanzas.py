"""
What the users' servers say, as bytes made beforehand: a publish as Prosody's mod_cloud_notify sends it, with sender,
body and secret, and the command by which a device registers.
"""

import hashlib

DOMAIN = "push.example.net"
SERVER = "example.org"

_REGISTER = """<iq type='set' id='r{number}' from='user{number}@{domain}/phone' to='push.example.net'>\
<command xmlns='http://jabber.org/protocol/commands' node='register-push-apns' action='execute'>\
<x xmlns='jabber:x:data' type='submit'><field var='token'><value>{token}</value></field></x></command></iq>"""

_HEAD = "<iq type='set' from='{server}' to='{domain}' id='p"

_PONG = "<iq type='result' from='{server}' to='{domain}' id='{id}'/>"

_TAIL = """'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item>\
<notification xmlns='urn:xmpp:push:0'><x xmlns='jabber:x:data' type='submit'>\
<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>\
<field var='message-count' type='text-single'><value>1</value></field>\
<field var='last-message-sender' type='jid-single'><value>juliet@capulet.example/balcony</value></field>\
<field var='last-message-body' type='text-single'>\
<value>Wherefore art thou, Romeo? Deny thy father &amp; refuse thy name</value></field>\
</x></notification></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'>\
<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
<field var='secret'><value>{secret}</value></field></x></publish-options></pubsub></iq>"""


def register(number: int, domain: str = SERVER) -> bytes:
    """
    The command by which a device of APNs registers, of a user of this domain.
    """
    token = hashlib.sha256(f"{number} {domain}".encode()).hexdigest()
    return _REGISTER.format(number=number, domain=domain, token=token).encode()


def head(server: str, domain: str) -> bytes:
    """
    A publish, up to where its number belongs.
    """
    return _HEAD.format(server=server, domain=domain).encode()


HEAD = head(SERVER, DOMAIN)


def tail(node: str, secret: str) -> bytes:
    """
    A publish, from behind its number on.
    """
    return _TAIL.format(node=node, secret=secret).encode()


def publish(number: int, tail: bytes, head: bytes = HEAD) -> bytes:
    """
    A whole publish.
    """
    return b"%s%08x%s" % (head, number, tail)


def pong(server: str, domain: str, id: bytes) -> bytes:
    """
    The answer to a ping.
    """
    return _PONG.format(server=server, domain=domain, id=id.decode()).encode()
