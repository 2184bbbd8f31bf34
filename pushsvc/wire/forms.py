"""
Data forms (XEP-0004, XEP-0068).

Forms are read as they come in the field: whatever the type of ``<x/>``, FORM_TYPE with or without ``type='hidden'``,
fields with labels, without type, without value. Only a field that occurs twice is refused: for credentials there is no
"first wins".
"""

from collections.abc import Mapping, Sequence

from twisted.words.xish.domish import Element

from pushsvc.command import CommandField
from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.wire.namespaces import NS_DATA
from pushsvc.wire.view import View

FORM_TYPE = "FORM_TYPE"


def readFields(x: View) -> Fields:
    """
    What a form says.

    :param x: the ``<x/>``.
    :raises BadForm: a field occurs twice.
    """
    return Fields(readOnce(x))


def readOnce(x: View) -> dict[str, tuple[str, ...]]:
    """
    Like `readFields`, for readers within ``wire/``.
    """
    rows = x.rows(NS_DATA, "field", "var", "value")
    fields = dict(rows)
    if len(fields) != len(rows):
        raise BadForm("a field occurs twice")
    return fields


def readEveryValue(x: View) -> dict[str, tuple[str, ...]]:
    """
    Like `readOnce`, but a field that occurs twice is one with the values of both, for those who refuse several
    values themselves.
    """
    rows = x.rows(NS_DATA, "field", "var", "value")
    fields = dict(rows)
    if len(fields) != len(rows):
        fields = {}
        for name, values in rows:
            fields[name] = fields.get(name, ()) + values
    return fields


def formTypeOf(fields: Mapping[str, tuple[str, ...]]) -> str | None:
    """
    The FORM_TYPE of a form; None when it has none.
    """
    values = fields.get(FORM_TYPE)
    return values[0].strip() or None if values else None


def findForm(parent: View, formType: str) -> Fields | None:
    """
    The form of this FORM_TYPE among the children of an element.

    :raises BadForm: a field of it occurs twice.
    """
    for x in parent.children(NS_DATA, "x"):
        if formTypeOf(readEveryValue(x)) == formType:
            return readFields(x)
    return None


def writeResult(
    values: Sequence[tuple[str, tuple[str, ...]]], title: str = "", types: Mapping[str, str] = {}
) -> Element:
    """
    A form that reports.

    :param types: of fields whose type goes without saying to nobody.
    """
    x = _form("result", title)
    for name, several in values:
        field = _field(x, name)
        if name == FORM_TYPE:
            field["type"] = "hidden"
        elif name in types:
            field["type"] = types[name]
        elif len(several) != 1:
            field["type"] = "list-multi"
        _values(field, several)
    return x


def writeTable(columns: Sequence[CommandField], items: Sequence[Mapping[str, str]], title: str = "") -> Element:
    """
    A form that reports several things alike. What a row lacks is left out of it.
    """
    x = _form("result", title)
    reported = x.addElement((NS_DATA, "reported"))
    for column in columns:
        field = _field(reported, column.var)
        field["type"] = column.type
        field["label"] = column.label
    for row in items:
        item = x.addElement((NS_DATA, "item"))
        for column in columns:
            if column.var in row:
                _values(_field(item, column.var), (row[column.var],))
    return x


def writeForm(fields: Sequence[CommandField], title: str = "") -> Element:
    """
    A form to be filled in.
    """
    x = _form("form", title)
    for asked in fields:
        field = _field(x, asked.var)
        field["type"] = "hidden" if asked.var == FORM_TYPE else asked.type
        if asked.label:
            field["label"] = asked.label
        if asked.required:
            field.addElement((NS_DATA, "required"))
        _values(field, asked.values)
        for value, label in asked.options.items():
            option = field.addElement((NS_DATA, "option"))
            option["label"] = label
            _values(option, (value,))
    return x


def _form(type: str, title: str) -> Element:
    x = Element((NS_DATA, "x"))
    x["type"] = type
    if title:
        x.addElement((NS_DATA, "title"), content=title)
    return x


def _field(parent: Element, name: str) -> Element:
    field: Element = parent.addElement((NS_DATA, "field"))
    field["var"] = name
    return field


def _values(parent: Element, values: Sequence[str]) -> None:
    for value in values:
        parent.addElement((NS_DATA, "value"), content=value)
