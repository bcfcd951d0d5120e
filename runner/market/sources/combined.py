"""Several sources as one: daily bars of one instrument beside the book of another.

Each part is asked for its own symbols only. What it gives keeps its own time-zone policy; streams that several parts give
are joined by the loader.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, SerializerFunctionWrapHandler, ValidationInfo, model_serializer
from pydantic_core import PydanticCustomError

from runner.errors import ConfigError, DataError, Fault
from runner.market.lives import tickers_of
from runner.market.offers import Offer, joined
from runner.market.source import Raw, Source
from runner.market.stated import Stated, completed
from runner.market.streams import Stream
from runner.market.timezone import policy_faults
from runner.spec.kind import Kind, OfFamily, Spec
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.units import Name, Symbol

__all__ = ["Combined", "Part", "part_of", "policy_fault_of"]

NAMED = 5
"""Symbols of a part that are named in a fault."""
OURS = ("timezone", "symbols")
"""Keys of a part that are not its source's."""
NO_NAMES = "Files of conf/timezone can't be named here; write what stands in one, e.g. timezone: {zone: UTC, stamp: event}."


def _no_name(value: object) -> object:
    if isinstance(value, str):
        raise PydanticCustomError("part_policy", "must be a mapping of a policy's own keys", {"hint": NO_NAMES})
    return value


class Around(Spec):
    """What a part says beside its source's own keys."""

    timezone: Annotated[Timezone | None, BeforeValidator(_no_name)] = None
    """What this part's stamps mean; null means the run's policy."""
    symbols: Annotated[tuple[Symbol, ...], Field(strict=False, min_length=1)] | None = None
    """Tickers this part is asked for, quoted; null asks it for the whole universe."""


class Part(Around):
    """One source; written as one mapping with the source's keys."""

    source: SerializeAsAny[Kind]
    """Where the rows come from."""

    @model_serializer(mode="wrap")
    def _flat(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = handler(self)
        return {**fields.pop("source"), **fields}


class OfPart(OfFamily):
    """Annotation that validates a part: the keys of a kind of `data`, and those of `Around`."""

    beside = Around

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Part) or not isinstance(value, dict):
            return value if isinstance(value, Part) else super()._validate(value, info)
        source = super()._validate({key: held for key, held in value.items() if key not in OURS}, info)
        around = Around.model_validate({key: held for key, held in value.items() if key in OURS})
        return Part(source=source, timezone=around.timezone, symbols=around.symbols)


class Combined(Kind):
    """Several sources, each for some symbols or some streams of the universe."""

    kind: Literal["combined"] = "combined"
    """Several sources."""
    parts: Annotated[dict[Name, Annotated[SerializeAsAny[Part], OfPart("data")]], Field(min_length=1)]
    """Name → a source's own keys, and beside them `timezone` (a policy) and `symbols` (a list) where they differ from the
    run's."""

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong with any part, and a fault for each ticker that no part is asked for."""
        faults = [fault for name, part in self.parts.items() for fault in self._part_faults(name, part, universe)]
        unasked = [
            ticker for ticker in tickers_of(universe) if not any(ticker in _asked(p, universe) for p in self.parts.values())
        ]
        write = "Add it to the symbols of the part that has it."
        faults += [
            Fault("data.parts", "some part must be asked for every symbol", f'"{ticker}"', write) for ticker in unasked
        ]
        return faults

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:
        """Return what the parts give together, each under its own policy."""
        asked = [(part, _asked(part, universe)) for part in self.parts.values()]
        return joined(_offered(part, symbols) for part, symbols in asked if symbols)

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read every part; raises DataError, also where two parts give the same stream of a symbol."""
        faults = self.check(universe)
        if faults:
            raise DataError(faults)
        found = {name: _read(name, part, universe) for name, part in self.parts.items() if _asked(part, universe)}
        faults = _given_twice(found)
        if faults:
            raise DataError(faults)
        return tuple(raw for raws in found.values() for raw in raws)

    def _part_faults(self, name: str, part: Part, universe: Universe) -> list[Fault]:
        policy = policy_faults(part.timezone) if part.timezone is not None else []
        asked = _asked(part, universe)
        source = _source(part).check(Universe(symbols=asked)) if asked else []
        return [_of_part(name, fault) for fault in (*policy, *source)]


def part_of(source: Source, raw: Raw) -> str | None:
    """Return the part that gave rows; None if they aren't a combined source's."""
    return next(iter(raw.digests)).partition("/")[0] if isinstance(source, Combined) and raw.digests else None


def policy_fault_of(source: Source, name: str | None, fault: Fault) -> Fault:
    """Say of which part of a combined source, and of which symbols, a fault of time is, and whose policy to write."""
    if not isinstance(source, Combined) or name is None or not fault.where.startswith(("timezone", "quality.coarse")):
        return fault
    part = source.parts[name]
    symbols = f" ({', '.join(part.symbols[:NAMED])}{', …' if len(part.symbols) > NAMED else ''})" if part.symbols else ""
    own = f"data.parts.{name}.timezone"
    if part.timezone is not None:
        advice = f"It is {own} that says so."
    else:
        advice = (
            f"This part follows the run's policy; if its stamps mean something else, write {own}, with all keys it needs."
        )
    where = fault.where if " of " in fault.where else f"{fault.where} of {name}"
    return replace(fault, where=f"{where}{symbols}", write=f"{fault.write} {advice}".strip())


def _source(part: Part) -> Source:
    if not isinstance(part.source, Source):
        raise TypeError(f"{part.source!r} is not a data source")
    return part.source


def _asked(part: Part, universe: Universe) -> tuple[str, ...]:
    """Return the tickers a part is asked for."""
    return tuple(ticker for ticker in tickers_of(universe) if part.symbols is None or ticker in part.symbols)


def _offered(part: Part, symbols: tuple[str, ...]) -> dict[Stream, Offer]:
    """Return what one part gives."""
    found = _source(part).offers(Universe(symbols=symbols))
    return {
        stream: replace(each, policies=tuple(_told(part, policy)[0] for policy in each.policies))
        for stream, each in found.items()
    }


def _read(name: str, part: Part, universe: Universe) -> tuple[Raw, ...]:
    """Return a part's rows under its own policy, with the part's name in faults and before the names of its inputs."""
    try:
        raws = _source(part).read(Universe(symbols=_asked(part, universe)))
    except (ConfigError, DataError) as error:
        raise type(error)([_of_part(name, fault) for fault in error.faults]) from error
    return tuple(
        replace(
            raw,
            digests={f"{name}/{key}": digest for key, digest in raw.digests.items()},
            timezone=_policy(name, part, raw),
            notes=tuple(f"{name}: {note}" for note in raw.notes),
        )
        for raw in raws
    )


def _policy(name: str, part: Part, raw: Raw) -> Timezone | None:
    """Return the policy of a part's rows; raises ConfigError where part and source contradict each other."""
    policy, faults = _told(part, raw.timezone)
    if faults:
        raise ConfigError([_of_part(name, fault) for fault in faults])
    return policy


def _told(part: Part, own: Timezone | None) -> tuple[Timezone | None, list[Fault]]:
    """Return the part's own policy, completed by what the source states itself, and what is wrong between the two."""
    if part.timezone is None or not isinstance(own, Stated):
        return part.timezone or own, []
    return completed(own, part.timezone)


def _of_part(name: str, fault: Fault) -> Fault:
    """Say of which part a fault is: `data.path` is the part's `data.parts.NAME.path`."""
    head, _, rest = fault.where.partition(".")
    if head == "data":
        return replace(fault, where=f"data.parts.{name}.{rest}" if rest else f"data.parts.{name}")
    if head == "timezone":
        return replace(fault, where=f"data.parts.{name}.{fault.where}")
    return replace(fault, where=f"{fault.where} (data.parts.{name})")


def _given_twice(found: Mapping[str, tuple[Raw, ...]]) -> list[Fault]:
    """Return a fault for each symbol and stream that more than one part gives."""
    giver: dict[tuple[str, str], str] = {}
    faults = []
    for name, raws in found.items():
        for raw in raws:
            for symbol in sorted(str(each) for each in raw.frame["symbol"].unique().drop_nulls()):
                before = giver.setdefault((raw.stream, symbol), name)
                if before != name:
                    must = f"only one part may give {raw.stream} of a symbol"
                    write = "Write symbols for each part, so that every one is asked for its own."
                    faults.append(Fault("data.parts", must, f"{symbol} in {before} and {name}", write))
    return faults
