"""What goes wrong with exceptions, as problem documents."""

from collections.abc import Iterator
from contextlib import contextmanager

from sluice_risk_index.errors import BadExceptionError, ForeignExceptionError, KnownExceptionError, NoExceptionError
from sluice_shared.http import Problem


@contextmanager
def answered() -> Iterator[None]:
    """Answer what the use cases raise."""
    try:
        yield
    except BadExceptionError as error:
        faults = [{"field": f.field, "message": f.message, "hint": f.hint} for f in error.faults]
        raise Problem(
            422, "bad_exception", "The exception cannot be one as it is", f"{error}.", faults=faults
        ) from error
    except KnownExceptionError as error:
        where = f"in the file {error.file}" if error.file else "by API, in force or ended"
        raise Problem(
            409,
            "exception_known",
            "There is an exception of this id",
            f"'{error.name}' is one {where} already; choose another id, so that the audit trail stays clear.",
        ) from error
    except NoExceptionError as error:
        where = f"it stands in the file {error.file}: change it there" if error.file else "GET /v1/exceptions lists all"
        status, code = (409, "exception_in_file") if error.file else (404, "unknown_exception")
        raise Problem(
            status,
            code,
            "There is no such exception by API",
            f"No exception by API that is in force has the id '{error.name}'; {where}.",
        ) from error
    except ForeignExceptionError as error:
        raise Problem(
            403,
            "foreign_asset",
            "The token may not speak for these assets",
            f"The token is good for {', '.join(error.assets)}: name one such asset, without wildcards, in "
            "selector.asset.",
        ) from error
