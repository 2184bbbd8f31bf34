"""
Statements for many rows, of which the text is written only once.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.expression import UpdateBase


class Written:
    """
    A statement as SQLAlchemy writes it for a database, and executes it without looking at each value: rows go to the
    driver as they are.

    :param names: of the values that a row has, in their order: columns and parameters. They need no conversion: texts,
        numbers, None.
    """

    def __init__(self, statement: UpdateBase, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = list(names)
        self._texts: dict[str, str] = {}

    def run(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """
        Execute it for each of the rows.

        :returns: how many rows of the table that concerned.
        """
        dialect = connection.dialect
        if dialect.name not in self._texts:
            self._texts[dialect.name] = self._write(dialect)
        return connection.exec_driver_sql(self._texts[dialect.name], list(rows)).rowcount

    def _write(self, dialect: Dialect) -> str:
        # Values by their place, however this driver prefers them.
        make: Any = type(dialect)
        byPlace = make(paramstyle="qmark" if dialect.paramstyle == "qmark" else "format")
        written = self._statement.compile(dialect=byPlace, column_keys=self._names)
        if written.positiontup != self._names:
            raise RuntimeError(f"the columns come in another order: {written.positiontup}")
        return str(written)
