"""What both of our database backends do about migrations: they take as long as they take."""

import contextlib
from types import TracebackType
from typing import Any, Self

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class UnlimitedSchemaEditor(BaseDatabaseSchemaEditor):
    """In front of a backend's own editor; its connection has `unlimited()`."""

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            connection: Any = self.connection
            stack.enter_context(connection.unlimited())
            super().__enter__()
            self._until_exit = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._until_exit:
            super().__exit__(kind, error, traceback)
