"""Documents whose models gain fields without a change to the documents that exist."""

from typing import Any

from pydantic import SerializerFunctionWrapHandler, model_serializer

from data_gen.foundation.documents import Frozen


class Later:
    """Marks a field that was added later: it stays out of the JSON while it has its default."""


LATER = Later()


class Growing(Frozen):
    """A document that leaves out later fields with their defaults.

    So a document that does not need them has the same JSON and the same digest as before they
    were added.
    """

    @model_serializer(mode="wrap")
    def _without_silent_fields(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = handler(self)
        return {name: value for name, value in document.items() if not self._is_silent(name)}

    def _is_silent(self, name: str) -> bool:
        field = type(self).model_fields[name]
        return LATER in field.metadata and getattr(self, name) == field.default
