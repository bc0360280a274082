"""One log for everything in the process: structlog for Sluice, and the standard library's loggers through it.

A line is a JSON object with `time`, `level`, `logger`, `event`, `service`, and inside a request or a delivery
`trace_id` and `span_id`. Secrets are hidden before anything is written.
"""

import logging
import sys
from typing import TYPE_CHECKING, Any, cast

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from sluice_shared.redaction import redact
from sluice_shared.tracing import current_ids

if TYPE_CHECKING:
    from sluice_shared.settings import ServiceSettings

_QUIET = {
    "uvicorn.access": logging.CRITICAL,  # the application writes its own, with route and trace
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
    "alembic.runtime.plugins": logging.WARNING,
}


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the logger of a module: `log.info("report accepted", report_id=…)`."""
    return cast("FilteringBoundLogger", structlog.stdlib.get_logger(name))


def configure_logging(settings: "ServiceSettings") -> None:
    """Send all logging of this process to standard error, in the settings' format and from their level on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _ServiceName(settings.service),
        _add_trace,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                _redact_all,
                _renderer(settings.log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    adopt_loggers()


def adopt_loggers() -> None:
    """Take over loggers that libraries gave a handler of their own; call again once such a library has started."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and not name.startswith("_pytest"):
            logger.handlers = []
            logger.propagate = True
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


class _ServiceName:
    """Adds the service to every line."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = self._service
        return event


def _add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    ids = current_ids()
    if ids is not None:
        event["trace_id"], event["span_id"] = ids
    return event


def _redact_all(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return cast("EventDict", redact(event))


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(timestamp_key="time", colors=sys.stderr.isatty())
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
