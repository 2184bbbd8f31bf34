"""
Ad-hoc commands and data forms as a client writes and reads them (XEP-0050, XEP-0004).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

NS_COMMANDS = "http://jabber.org/protocol/commands"
NS_DATA = "jabber:x:data"

Values = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """
    What a command answered.

    :ivar values: each field's values, in the order of the form.
    :ivar items: the rows of its table.
    """

    status: str | None
    session: str | None
    values: dict[str, list[str]] = field(default_factory=dict)
    items: list[dict[str, list[str]]] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        (value,) = self.values[name]
        return value


def command(node: str, action: str | None, session: str | None, form: Element | None) -> Element:
    """
    A request to run a command, or to go on with it.
    """
    attributes = {"node": node, "action": action, "sessionid": session}
    element = Element(f"{{{NS_COMMANDS}}}command", {name: value for name, value in attributes.items() if value})
    if form is not None:
        element.append(form)
    return element


def submitted(values: Values, formType: str | None = None) -> Element:
    """
    A form filled in.
    """
    form = Element(f"{{{NS_DATA}}}x", {"type": "submit"})
    named = {"FORM_TYPE": formType, **values} if formType else dict(values)
    for name, value in named.items():
        attributes = {"var": name, "type": "hidden"} if name == "FORM_TYPE" else {"var": name}
        element = SubElement(form, f"{{{NS_DATA}}}field", attributes)
        for each in [value] if isinstance(value, str) else value or ():
            SubElement(element, f"{{{NS_DATA}}}value").text = each
    return form


def answer(iq: Element) -> Answer:
    """
    Read what a command answered.
    """
    element = iq.find(f"{{{NS_COMMANDS}}}command")
    assert element is not None, "not the answer of a command"
    form = element.find(f"{{{NS_DATA}}}x")
    rows: Iterable[Element] = [] if form is None else form.findall(f"{{{NS_DATA}}}item")
    return Answer(
        element.get("status"),
        element.get("sessionid"),
        {} if form is None else _fields(form),
        [_fields(row) for row in rows],
    )


def _fields(parent: Element) -> dict[str, list[str]]:
    return {
        element.get("var", ""): [value.text or "" for value in element.findall(f"{{{NS_DATA}}}value")]
        for element in parent.findall(f"{{{NS_DATA}}}field")
    }
