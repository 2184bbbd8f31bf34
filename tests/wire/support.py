"""
Elements from text.
"""

from xml.etree.ElementTree import TreeBuilder
from xml.parsers.expat import ParserCreate

from wokkel.generic import parseXml

from pushsvc.wire.stanza import SEPARATOR
from pushsvc.wire.view import DomishView, TreeView


def domish(xml):
    # As a stanza within its stream: of a document's root domish forgets the text.
    return parseXml(f"<stream>{xml}</stream>".encode()).firstChildElement()


def view(xml):
    return DomishView(domish(xml))


def tree(xml):
    return TreeView(parsed(xml))


def parsed(xml):
    # As streams do.
    builder = TreeBuilder()
    parser = ParserCreate("UTF-8", SEPARATOR)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(xml.encode(), True)
    return builder.close()
