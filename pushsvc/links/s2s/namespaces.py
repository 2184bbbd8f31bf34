"""
The namespaces that servers negotiate in.
"""

NS_BIDI = "urn:xmpp:bidi"
NS_DIALBACK = "jabber:server:dialback"
NS_FEATURE_BIDI = "urn:xmpp:features:bidi"
NS_FEATURE_DIALBACK = "urn:xmpp:features:dialback"
NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
NS_SERVER = "jabber:server"
NS_STREAMS = "http://etherx.jabber.org/streams"
NS_TLS = "urn:ietf:params:xml:ns:xmpp-tls"

# What the headers of our streams declare. Dialback wants its own there, under this prefix (XEP-0220).
PREFIXES = {NS_STREAMS: "stream", NS_DIALBACK: "db"}
