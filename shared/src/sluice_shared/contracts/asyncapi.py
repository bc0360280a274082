"""Makes the AsyncAPI 3.0 document from the table of topics."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from sluice_shared.contracts.events import DeadLetter, Event
from sluice_shared.contracts.schemas import ContractSchema, event_version, kebab
from sluice_shared.contracts.topics import TOPICS, Topic

_DIALECT = "application/schema+json;version=draft-2020-12"
_SCHEMAS = "#/components/schemas/{model}"


def asyncapi_document(events: Sequence[type[Event]]) -> dict[str, Any]:
    """Return the document: a channel per topic and per dead-letter stream, who sends and receives on it, and what."""
    _, definitions = models_json_schema(
        [(event, "validation") for event in events], ref_template=_SCHEMAS, schema_generator=ContractSchema
    )
    return {
        "asyncapi": "3.0.0",
        "id": "urn:sluice:bus",
        "info": {
            "title": "Sluice bus",
            "version": version("sluice-shared"),
            "description": "Events between the services of Sluice, on Redis Streams. Each states facts that a "
            "committed row already holds, so losing one loses nothing and receiving one twice changes nothing. "
            "Consumers ignore fields they do not know.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "redis": {
                "host": "{host}",
                "protocol": "redis",
                "description": "Redis, Redis Sentinel or Redis Cluster: SLUICE_REDIS_URL",
                "variables": {"host": {"default": "127.0.0.1:6379", "description": "Host and port of Redis"}},
            }
        },
        "channels": {
            name: channel
            for topic in TOPICS
            for name, channel in ((topic.name, _channel(topic)), (_dead(topic), _dead_channel(topic)))
        },
        "operations": {name: operation for topic in TOPICS for name, operation in _operations(topic).items()},
        "components": {
            "messages": {kebab(event.__name__): _message(event) for event in events},
            "schemas": dict(sorted(definitions["$defs"].items())),
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": f"sluice:{{{_tag(topic)}}}",
        "title": topic.name,
        "description": f"{topic.summary}. Partitioned by {topic.partition_key}: the partition is CRC-32 of the key "
        "modulo SLUICE_PARTITIONS. "
        f"Events are kept for {topic.retention.total_seconds() / 3600:g} h at most once every group has acknowledged; "
        f"a silent delivery is taken over after {topic.claim_after.total_seconds():g} s; after {topic.delivery_cap} "
        f"deliveries an event goes to {topic.dead_letter_stream}.",
        "servers": [{"$ref": "#/servers/redis"}],
        "parameters": {
            _tag(topic): {
                "description": "Topic and number of the partition, from 0, with the braces round them, which make it "
                "the hash tag of a Redis Cluster",
                "default": _braced(topic.stream(0)),
                "examples": [_braced(stream) for stream in topic.streams(2)],
            }
        },
        "messages": _messages(topic.event),
        "x-sluice": {
            "stream": topic.stream(0).replace(".0}", ".<partition>}"),
            "partition-key": topic.partition_key,
            "producers": list(topic.producers),
            "groups": list(topic.groups),
            "retention-seconds": int(topic.retention.total_seconds()),
            "delivery-cap": topic.delivery_cap,
            "claim-after-seconds": int(topic.claim_after.total_seconds()),
            "dead-letter-stream": topic.dead_letter_stream,
        },
    }


def _dead_channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": f"sluice:{{{_tag(topic, dead=True)}}}",
        "title": _dead(topic),
        "description": f"What could not be handled from {topic.name}, with why; `sluice replay` puts it back.",
        "servers": [{"$ref": "#/servers/redis"}],
        "parameters": {
            _tag(topic, dead=True): {
                "description": "The only stream of its kind, with braces as part of its name",
                "enum": [_braced(topic.dead_letter_stream)],
                "default": _braced(topic.dead_letter_stream),
            }
        },
        "messages": _messages(DeadLetter),
    }


def _operations(topic: Topic) -> dict[str, dict[str, Any]]:
    sent = {
        f"{service}.send.{topic.name}": _operation("send", topic.name, topic.event, f"{service} publishes")
        for service in topic.producers
    }
    received = {
        f"{group}.receive.{topic.name}": _operation("receive", topic.name, topic.event, f"{group} consumes")
        for group in topic.groups
    }
    dead = {
        f"{group}.send.{_dead(topic)}": _operation("send", _dead(topic), DeadLetter, f"{group} sets apart")
        for group in topic.groups
    }
    return {**sent, **received, **dead}


def _operation(action: str, channel: str, event: type[Event], who: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"{who}: {_first_line(event)}",
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kebab(event.__name__)}"}],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.__name__,
        "title": f"{event.__name__} v{event_version(event)}",
        "summary": _first_line(event),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": {
                "traceparent": {"type": "string", "description": "W3C trace context"},
                "tracestate": {"type": "string", "description": "W3C trace context"},
            },
        },
        "payload": {
            "schemaFormat": _DIALECT,
            "schema": {"$ref": f"#/components/schemas/{event.__name__}"},
        },
    }


def _messages(event: type[Event]) -> dict[str, Any]:
    name = kebab(event.__name__)
    return {name: {"$ref": f"#/components/messages/{name}"}}


def _tag(topic: Topic, *, dead: bool = False) -> str:
    """Name the variable part of a stream's name, which holds braces and so cannot stand in an address itself."""
    return f"dead-{topic.name}" if dead else f"{topic.name}-partition"


def _braced(stream: str) -> str:
    return stream.removeprefix("sluice:")


def _dead(topic: Topic) -> str:
    return f"dead.{topic.name}"


def _first_line(event: type[Event]) -> str:
    return (event.__doc__ or event.__name__).strip().splitlines()[0]
