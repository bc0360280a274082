"""W3C trace context, over HTTP and over the bus.

Spans are exported only when `OTEL_EXPORTER_OTLP_ENDPOINT` is set and an OTLP exporter is installed; trace ids are in
the logs and on the bus in any case.
"""

import importlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_EXPORTERS = (
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.exporter.otlp.proto.grpc.trace_exporter",
)
_FLUSH_MILLISECONDS = 2000
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("sluice")  # follows the provider that is set later


def configure_tracing(service: str) -> None:
    """Set up tracing for this process; a second call changes nothing.

    Without an exporter spans are not recorded, which costs next to nothing, but they still carry trace ids.
    """
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    exporter = _exporter() if os.environ.get(_ENDPOINT) else None
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"sluice-{service}"}),
        sampler=ParentBased(ALWAYS_ON if exporter else ALWAYS_OFF),
    )
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def flush_tracing() -> None:
    """Send out the spans that still wait to be exported; takes 2 s at most."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush(timeout_millis=_FLUSH_MILLISECONDS)


def _exporter() -> SpanExporter | None:
    for module in _EXPORTERS:
        try:
            exporter: SpanExporter = importlib.import_module(module).OTLPSpanExporter()
        except ModuleNotFoundError:
            continue
        return exporter
    logging.getLogger(__name__).warning(
        "%s is set but no OTLP exporter is installed, so no span is sent; "
        "install opentelemetry-exporter-otlp-proto-http",
        _ENDPOINT,
    )
    return None


def inject() -> dict[str, str]:
    """Return the headers that carry the present trace context: `traceparent`, and `tracestate` where there is one."""
    headers: dict[str, str] = {}
    _PROPAGATOR.inject(headers)
    return headers


@contextmanager
def continue_from(headers: Mapping[str, str], name: str, *, kind: SpanKind = SpanKind.CONSUMER) -> Iterator[Span]:
    """Run what is inside as the span `name`, a child of the context in `headers`, or the first of a new trace."""
    context = _PROPAGATOR.extract(headers)
    with _TRACER.start_as_current_span(name, context=context, kind=kind) as span:
        yield span


def current_ids() -> tuple[str, str] | None:
    """Return trace id (32 hex digits) and span id (16) of the present span, or None outside any."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
