"""JSON Schemas of the contracts, and the names under which they are published."""

import re
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from sluice_shared.contracts.events import Event

SCHEMA_BASE = "https://sluice.dev/schemas/"
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class ContractSchema(GenerateJsonSchema):
    """Pydantic's generator without `discriminator`, which is OpenAPI's own and means something else in AsyncAPI.

    The constant `type` of each member tells the members of a union apart already.
    """

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Return the members as a plain `oneOf`."""
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)
        return union


def json_schema(model: type[BaseModel], file: str) -> dict[str, Any]:
    """Return the JSON Schema of a model, as a document of its own that is published under the name `file`."""
    schema = model.model_json_schema(mode="validation", schema_generator=ContractSchema)
    return {"$schema": ContractSchema.schema_dialect, "$id": SCHEMA_BASE + file, **schema}


def kebab(name: str) -> str:
    """Turn `FindingsChanged` into `findings-changed`."""
    return _WORD.sub("-", name).lower()


def event_version(event: type[Event]) -> int:
    """Return the version of an event that the code writes."""
    return int(event.model_fields["version"].default)


def event_file(event: type[Event]) -> str:
    """Return the name of an event's JSON Schema: `findings-changed.v1.schema.json`."""
    return f"{kebab(event.__name__)}.v{event_version(event)}.schema.json"
