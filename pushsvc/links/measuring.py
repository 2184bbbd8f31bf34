"""
What is too much in a stanza.
"""

from xml.etree.ElementTree import Element

from pushsvc.links.limits import Limits


def excess(stanza: Element, limits: Limits) -> str | None:
    """
    What is beyond the limits, of a stanza that may not be whole yet; None: nothing.
    """
    count = len(list(stanza.iter()))
    if count > limits.elements:
        return "a stanza has too many elements"
    # The stream itself is the first level. Few elements cannot be nested deeply.
    if count >= limits.depth and _isHigher(stanza, limits.depth - 1):
        return "elements are nested too deeply"
    return None


def _isHigher(stanza: Element, levels: int) -> bool:
    level = [stanza]
    for _ in range(levels):
        level = [child for element in level for child in element]
    return bool(level)
