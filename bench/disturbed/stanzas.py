"""
What is said on a stream between servers, well or ill.
"""

REGISTER = (
    "<iq type='set' id='{id}' from='{user}' to='{to}'>"
    "<command xmlns='http://jabber.org/protocol/commands' node='register-push-demo' action='execute'>"
    "<x xmlns='jabber:x:data' type='submit'><field var='token'><value>{token}</value></field>"
    "<field var='device-id'><value>{token}</value></field></x></command></iq>"
)

PUBLISH = (
    "<iq type='set' id='{id}' from='{domain}' to='{to}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
    "<publish node='{node}'><item><notification xmlns='urn:xmpp:push:0'><x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>"
    "<field var='message-count'><value>1</value></field>"
    "<field var='last-message-sender'><value>romeo@example.org/garden</value></field>"
    "<field var='last-message-body'><value>are you there?</value></field></x></notification></item></publish>"
    "<publish-options><x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
    "<field var='secret'><value>{secret}</value></field></x></publish-options></pubsub></iq>"
)

REQUEST = (
    "<iq type='get' id='{id}' from='{sender}' to='{to}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
)

STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"
EXTERNAL = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
RESULT = "<db:result from='{sender}' to='{to}'>{key}</db:result>"

BOMB = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;'>]>"


def header(sender: str, to: str) -> str:
    """
    The beginning of a stream.
    """
    return (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
        f"xmlns:stream='http://etherx.jabber.org/streams' from='{sender}' to='{to}' version='1.0'>"
    )
