"""
Ad-hoc commands without their XML (XEP-0050): what dialects are asked and what they answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pushsvc.fields import Fields


@dataclass(frozen=True)
class CommandField:
    """
    A field of a form we ask somebody to fill in.

    :ivar type: XEP-0004's word: text-single, list-multi, hidden, ...
    :ivar options: for lists: value to label.
    """

    var: str
    label: str
    type: str = "text-single"
    required: bool = False
    values: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class CommandRequest:
    """
    An ad-hoc command somebody runs, without its XML.

    :ivar host: the register host.
    :ivar node: the command.
    :ivar owner: the bare JID of who runs it.
    :ivar resource: of who runs it; None when the JID has none.
    :ivar fields: what the form says; None when there was no form.
    """

    host: str
    node: str
    owner: str = field(repr=False)
    resource: str | None = field(repr=False)
    fields: Fields | None


@dataclass(frozen=True)
class CommandResult:
    """
    What to answer: completed with a result, completed with a table, or a form to fill in.

    :ivar values: the result's fields in order; None: no form.
    :ivar items: the rows of a table, each a field's name to its value; ``columns`` are its ``<reported/>`` fields.
    :ivar form: fields to fill in: the command goes on when they come back.
    :ivar note: a sentence for the person.
    :ivar status: what completed is called: some clients wait for a word of their own.
    :ivar types: XEP-0004's word for fields of the result of which some clients look at the type.
    """

    values: tuple[tuple[str, tuple[str, ...]], ...] | None = field(default=None, repr=False)
    columns: tuple[CommandField, ...] = ()
    items: tuple[Mapping[str, str], ...] = field(default=(), repr=False, hash=False)
    form: tuple[CommandField, ...] = ()
    title: str = ""
    note: str = ""
    status: str = "completed"
    types: Mapping[str, str] = field(default_factory=dict, hash=False)
