"""
Elements from text.
"""

from xml.etree import ElementTree

from wokkel.generic import parseXml

from pushsvc.wire.view import DomishView, TreeView


def domish(xml):
    # As a stanza within its stream: of a document's root domish forgets the text.
    return parseXml(f"<stream>{xml}</stream>".encode()).firstChildElement()


def view(xml):
    return DomishView(domish(xml))


def tree(xml):
    return TreeView(ElementTree.fromstring(xml))
