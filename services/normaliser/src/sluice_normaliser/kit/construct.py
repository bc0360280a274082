"""Building contract models from values whose types are already certain, without validating them again.

Validation costs about as much as everything else that is done to an observation. The kit coerces every value to its
field's type itself, so building need not check it a second time; the golden tests validate what was built here.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from sluice_shared.contracts.sparse import Sparse

ModelT = TypeVar("ModelT", bound=Sparse)


def construct(cls: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Return a ``cls`` of ``values``, which must already have their fields' types; None and the rest is the default."""
    return cls.of({name: value for name, value in values.items() if value is not None})
