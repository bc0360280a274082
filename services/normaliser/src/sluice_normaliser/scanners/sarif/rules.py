"""SARIF rules (§3.49) of a run's tool and its extensions: found as a result refers to them, read once each."""

import re
from dataclasses import dataclass, field
from typing import Any

from sluice_normaliser.kit import references
from sluice_normaliser.kit.coerce import number
from sluice_normaliser.kit.identifiers import cwes, identifiers, make, merge
from sluice_normaliser.kit.shapes import at, obj, objs, words
from sluice_normaliser.kit.text import clip, first_sentence
from sluice_normaliser.scanners.sarif.messages import message_text
from sluice_normaliser.scanners.sarif.said import Said, said_by
from sluice_normaliser.scanners.sarif.tools import Tool, kind_of
from sluice_shared.contracts.finding import Identifier, Kind, Reference

PACKAGE_KINDS = frozenset({Kind.SCA, Kind.CONTAINER, Kind.LICENCE})
"""Kinds whose results are about a package."""

_HELP_LENGTH = 4_096
_SHORT = 200
_BOILERPLATE = re.compile(r"^Semgrep Finding: ")


@dataclass(slots=True)
class Rule:
    """One rule, as far as its results need it."""

    id: str
    kind: Kind
    said: Said
    name: str | None = None
    title: str | None = None
    description: str | None = None
    help: str | None = None
    level: str | None = None
    rank: float | None = None
    identifiers: list[Identifier] = field(default_factory=list)
    cwes: list[int] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    strings: dict[str, Any] = field(default_factory=dict)
    component_strings: dict[str, Any] = field(default_factory=dict)


class RuleBook:
    """The rules and taxonomies of one run."""

    def __init__(self, run: dict[str, Any], tool: Tool) -> None:
        self._tool = tool
        declared = obj(run.get("tool"))
        self._driver = obj(declared.get("driver"))
        self._extensions = objs(declared.get("extensions"))
        self._taxonomies = objs(run.get("taxonomies"))
        self._components = [self._driver, *self._extensions]
        self._by_id: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._by_guid: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        for component in self._components:
            for rule in self._rules_of(component):
                if (identifier := words(rule.get("id"))) is not None:
                    self._by_id.setdefault(identifier, (component, rule))
                if (guid := words(rule.get("guid"))) is not None:
                    self._by_guid.setdefault(guid, (component, rule))
        self._read: dict[tuple[int, str], Rule] = {}
        self._found: dict[tuple[Any, Any], Rule] = {}
        self._overrides = [self._override(invocation) for invocation in objs(run.get("invocations"))]

    @staticmethod
    def _rules_of(component: dict[str, Any]) -> list[dict[str, Any]]:
        rules = component.get("rules")
        if rules.__class__ is dict:  # a map by id, as in SARIF 2.0, which some tools still write
            return [{"id": key, **obj(rule)} for key, rule in rules.items()]
        return objs(rules)

    def rule_of(self, result: dict[str, Any]) -> Rule:
        """Return the rule of a result: by ``rule``, ``ruleIndex`` or a (hierarchical) ``ruleId`` (§3.27.5)."""
        reference = result.get("rule")
        if reference is None:
            key = (result.get("ruleId"), result.get("ruleIndex"))
            try:
                known = self._found.get(key)
            except TypeError:
                return self._rule({}, result.get("ruleId"), result.get("ruleIndex"))
            if known is None:
                known = self._found[key] = self._rule({}, *key)
            return known
        return self._rule(obj(reference), result.get("ruleId"), result.get("ruleIndex"))

    def _rule(self, reference: dict[str, Any], rule_id: Any, rule_index: Any) -> Rule:
        component = self._component(reference.get("toolComponent"))
        named = words(rule_id) or words(reference.get("id"))
        index = reference.get("index", rule_index)
        rules = self._rules_of(component)
        declared = at(rules, index)
        declared_id = words(declared.get("id"))
        if declared and named and declared_id and not _is_or_below(named, declared_id):
            declared = {}
        if not declared:
            component, declared = self._look_up(reference, named, component)
        return self._read_rule(component, declared, named or declared_id or "unknown")

    def _look_up(
        self, reference: dict[str, Any], named: str | None, component: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        guid = words(reference.get("guid"))
        if guid is not None and guid in self._by_guid:
            return self._by_guid[guid]
        candidate = named
        while candidate:
            if candidate in self._by_id:
                return self._by_id[candidate]
            candidate = candidate.rpartition("/")[0]
        return component, {}

    def _component(self, reference: Any) -> dict[str, Any]:
        """Return the component that a ``toolComponentReference`` (§3.54) means; without one, the driver."""
        given = obj(reference)
        if not given:
            return self._driver
        index = given.get("index")
        if index.__class__ is int and index >= 0:
            return at(self._extensions, index)
        for key in ("guid", "name"):
            for component in [*self._components, *self._taxonomies]:
                if given.get(key) is not None and component.get(key) == given.get(key):
                    return component
        return self._driver

    def _read_rule(self, component: dict[str, Any], declared: dict[str, Any], rule_id: str) -> Rule:
        key = (id(declared) if declared else 0, rule_id)
        rule = self._read.get(key)
        if rule is None:
            rule = self._read[key] = self._new_rule(component, declared, rule_id)
        return rule

    def _new_rule(self, component: dict[str, Any], declared: dict[str, Any], rule_id: str) -> Rule:
        said = said_by(declared.get("properties"))
        name = words(declared.get("name"))
        short, full = message_text(declared.get("shortDescription")), message_text(declared.get("fullDescription"))
        if short is not None and _BOILERPLATE.match(short):
            short = None
        help_text = message_text(declared.get("help"))
        configuration = obj(declared.get("defaultConfiguration") or declared.get("configuration"))
        rank = number(configuration.get("rank"))
        kind = kind_of(self._tool, rule_id, name, said.tags)
        # Snyk, OSV-Scanner and others name a package's vulnerability in the short texts of its rule
        told = [each for each in (short, full) if each and len(each) <= _SHORT] if kind in PACKAGE_KINDS else []
        named = merge([*identifiers([rule_id, *told]), *said.identifiers, *self.taxa(declared.get("relationships"))])
        if not said.cwes and not any(each.type == "cwe" for each in named):
            named = merge([*named, *weaknesses_in(words(declared.get("helpUri")), name, short, full)])
        from_names = [int(each.value[4:]) for each in named if each.type == "cwe"]
        return Rule(
            id=rule_id,
            kind=kind,
            said=said,
            name=name,
            title=clip(first_sentence(short or _spoken(name) or full or ""), 300) or None,
            description=full or short,
            help=clip(help_text, _HELP_LENGTH) if help_text and help_text not in {short, full} else None,
            level=words(configuration.get("level")),
            rank=rank if rank is not None and rank >= 0 else None,
            identifiers=named,
            cwes=list(dict.fromkeys([*said.cwes, *from_names])),
            references=references(words(declared.get("helpUri"))),
            strings=obj(declared.get("messageStrings")),
            component_strings=obj(component.get("globalMessageStrings")),
        )

    def taxa(self, relationships: Any) -> list[Identifier]:
        """Return what a rule's ``relationships`` (§3.53) or a result's ``taxa`` point to: CWE, CAPEC, OWASP."""
        found: list[Identifier] = []
        for each in objs(relationships):
            target = obj(each.get("target")) or each
            reference = obj(target.get("toolComponent"))
            taxonomy = self._taxonomy(reference)
            standard = words(reference.get("name")) or words(taxonomy.get("name")) or ""
            taxon = words(target.get("id")) or words(at(objs(taxonomy.get("taxa")), target.get("index")).get("id"))
            if taxon is None:
                continue
            if "cwe" in standard.lower() or taxon.upper().startswith("CWE"):
                found += [make("cwe", f"CWE-{weakness}", source=standard or None) for weakness in cwes(taxon)]
            else:
                known = identifiers(taxon)
                found += known or ([make(standard.strip().lower(), taxon)] if standard else [])
        return found

    def _taxonomy(self, reference: dict[str, Any]) -> dict[str, Any]:
        for key in ("guid", "name"):
            for taxonomy in [*self._taxonomies, *self._extensions]:
                if reference.get(key) is not None and taxonomy.get(key) == reference.get(key):
                    return taxonomy
        return at(self._taxonomies, reference.get("index"))

    def _override(self, invocation: dict[str, Any]) -> dict[str, str]:
        """Return the level by rule that an invocation's ``ruleConfigurationOverrides`` set (§3.20.5)."""
        levels: dict[str, str] = {}
        for override in objs(invocation.get("ruleConfigurationOverrides")):
            level = words(obj(override.get("configuration")).get("level"))
            descriptor = obj(override.get("descriptor"))
            rule_id = words(descriptor.get("id"))
            if rule_id is None:
                component = self._component(descriptor.get("toolComponent"))
                rule_id = words(at(self._rules_of(component), descriptor.get("index")).get("id"))
            if level and rule_id:
                levels[rule_id] = level
        return levels

    def level_of(self, result: dict[str, Any], rule: Rule) -> str:
        """Return the level that holds for a result without one of its own (§3.27.10)."""
        if self._overrides:
            index = obj(result.get("provenance")).get("invocationIndex", 0)
            number_ = index if index.__class__ is int and 0 <= index < len(self._overrides) else 0
            overrides = self._overrides[number_]
            if overrides:
                declared = rule.id if rule.id in overrides else rule.id.rpartition("/")[0]
                if declared in overrides:
                    return overrides[declared]
        return rule.level or "warning"


def weaknesses_in(*texts: str | None) -> list[Identifier]:
    """Return the weaknesses that short texts and links name, for tools that tell them nowhere else."""
    told = [each for each in texts if each and len(each) <= _SHORT and "cwe" in each.lower()]
    found = [each for each in identifiers(told) if each.type == "cwe"]
    linked = cwes([each for each in told if "://cwe.mitre.org/" in each])
    return [*found, *(make("cwe", f"CWE-{number_}") for number_ in linked)]


def _spoken(name: str | None) -> str | None:
    """Return ``command injection`` of ``shop.command-injection``; a name in words stays as it is."""
    if name is None or " " in name:
        return name
    last = name.rpartition(".")[2]
    return last.replace("-", " ").replace("_", " ").strip() or name


def _is_or_below(named: str, declared: str) -> bool:
    """Return True when ``CA1000/1`` is, or is below, the rule ``CA1000``."""
    return named == declared or named.startswith(declared + "/")
