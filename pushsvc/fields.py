"""
The fields of a form without its XML: what dialects and providers read.
"""

from collections.abc import Iterator, Mapping

from pushsvc.errors import BadForm


class Fields(Mapping[str, tuple[str, ...]]):
    """
    A field's name to its values.

    An empty value, or a blank one, counts as none: clients send empty fields for what they do not know.
    """

    def __init__(self, values: Mapping[str, tuple[str, ...]]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Fields {', '.join(sorted(self._values))}>"

    def one(self, *names: str) -> str | None:
        """
        The value of the first of these fields that has one.

        :raises BadForm: when a field has several values; the first is never simply taken.
        """
        for name in names:
            values = [value for value in self._values.get(name, ()) if value and not value.isspace()]
            if len(values) > 1:
                raise BadForm(f"{name} has several values")
            if values:
                return values[0]
        return None

    def required(self, *names: str) -> str:
        """
        Like `one`, for what cannot be done without.

        :raises BadForm: also when there is none.
        """
        value = self.one(*names)
        if value is None:
            raise BadForm(f"{names[0]} is missing")
        return value
