"""
Forms as they come, and as we write them.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pushsvc.command import CommandField
from pushsvc.errors import BadForm
from pushsvc.wire.forms import findForm, formTypeOf, readEveryValue, readFields, writeForm, writeResult, writeTable
from tests.wire.support import view
from tests.wire.trees import anything, fields, text, within

X = "<x xmlns='jabber:x:data' type='submit'>{}</x>"
TYPED = "<field var='FORM_TYPE'{}><value>urn:a</value></field><field var='a'><value>1</value></field>"


def test_0004_1_whateverStandsInAForm():
    """
    0004-1: Fields need no type, may have a label, no value or several; what is no field is passed over.
    """
    fields = readFields(
        view(
            X.format(
                "<title>T</title><field var='a' label='A' type='text-single'><value>1</value></field>"
                "<field var='b'/><field><value>fixed</value></field><field var='c'><value>1</value><value/></field>"
                "<field xmlns='urn:other' var='d'/>"
            )
        )
    )

    assert dict(fields) == {"a": ("1",), "b": (), "c": ("1", "")}


def test_0004_2_fieldTwice():
    """
    0004-2: A field that occurs twice makes a form unreadable, and its values do not show in the error.
    """
    with pytest.raises(BadForm) as e:
        readFields(view(X.format("<field var='secret'><value>s3cret</value></field><field var='secret'/>")))

    assert "s3cret" not in str(e.value)


@pytest.mark.parametrize("hidden", ["", " type='hidden'", " type='text-single'"])
def test_0068_1_formsAreFoundByName(hidden):
    """
    0068-1: A form is found by its FORM_TYPE, hidden or not.
    """
    parent = view("<a>" + X.format("") + X.format(TYPED.format(hidden)) + "</a>")

    assert findForm(parent, "urn:a").one("a") == "1"
    assert findForm(parent, "urn:b") is None


def test_0068_1_formTypeIsHiddenInOurs():
    """
    0068-1: In forms of ours FORM_TYPE is hidden.
    """
    result = writeResult((("FORM_TYPE", ("urn:a",)), ("nodes", ("a", "b")), ("none", ())))
    form = writeForm((CommandField("FORM_TYPE", "", values=("urn:a",)),))

    assert [field.getAttribute("type") for field in result.elements()] == ["hidden", "list-multi", "list-multi"]
    assert form.field["type"] == "hidden"


def test_resultsAreReadAsWritten():
    """
    What we write we can read.
    """
    values = (("jid", ("push.example.net",)), ("node", ("<&'\">",)), ("nodes", ("a", "b")), ("empty", ("",)))

    assert dict(readFields(view(writeResult(values, "Done").toXml()))) == dict(values)


def test_0004_3_tables():
    """
    0004-3: The columns come first, a row holds what it has, and nothing stands beside them.
    """
    columns = (CommandField("device-name", "Device"), CommandField("node", "Node"))

    x = writeTable(columns, ({"node": "n1"}, {"device-name": "", "node": "n2", "more": "x"}), "Devices")

    assert [element.name for element in x.elements()] == ["title", "reported", "item", "item"]
    assert [(field["var"], field["label"]) for field in x.reported.elements()] == [
        ("device-name", "Device"),
        ("node", "Node"),
    ]
    rows = [[(f["var"], str(f.value)) for f in item.elements()] for item in x.elements("jabber:x:data", "item")]
    assert rows == [[("node", "n1")], [("device-name", ""), ("node", "n2")]]


def test_formsToFillIn():
    """
    A form to fill in has a type, labels, what is required, what is filled in already, and options.
    """
    asked = CommandField("app", "App", "list-single", True, ("a",), {"a": "App A", "b": "App B"})

    x = writeForm((asked,), "Register")

    assert (x["type"], str(x.title)) == ("form", "Register")
    assert (x.field["type"], x.field["label"], str(x.field.value)) == ("list-single", "App", "a")
    assert x.field.required is not None
    options = [(o["label"], str(o.value)) for o in x.field.elements("jabber:x:data", "option")]
    assert options == [("App A", "a"), ("App B", "b")]


FORM = within("x xmlns='jabber:x:data'", inner=anything) | fields(("FORM_TYPE", "a", "b"))


@given(FORM | anything)
def test_anyElementIsReadOrRefused(xml):
    """
    Whatever stands where a form stands is read, or refused because of a field that occurs twice; never is a value lost.
    """
    every = readEveryValue(view(xml))
    named = [field for field in view(xml).children("jabber:x:data", "field") if field.attribute("var")]
    if len(named) == len(every):
        assert dict(readFields(view(xml))) == every
    else:
        with pytest.raises(BadForm):
            readFields(view(xml))


@given(some.lists(FORM, max_size=3))
def test_anyFormIsFoundOrNot(forms):
    """
    Among any forms the one of a type is found, if it is there.
    """
    typed = [form for form in forms if formTypeOf(readEveryValue(view(form))) == "urn:push"]
    try:
        assert (findForm(view(f"<a>{''.join(forms)}</a>"), "urn:push") is None) == (not typed)
    except BadForm:
        assert typed


@given(some.dictionaries(text.filter(bool), some.lists(text, max_size=3).map(tuple), max_size=4))
def test_whatIsWrittenIsRead(values):
    """
    Whatever values our forms hold, they are read as they were written.
    """
    assert dict(readFields(view(writeResult(tuple(values.items())).toXml()))) == values
