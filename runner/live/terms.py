"""The instruments of a session: their steps as the configuration writes them, else as the venue tells them.

What is written wins, because an operator may know better than a list; what is neither written nor told is a fault, and all
faults are told at once. The answer becomes the head of the journal and doesn't change while the journal lives.
"""

from collections.abc import Iterable
from decimal import Decimal

from runner.errors import ConfigError, Fault
from runner.live.accounts import Broker
from runner.live.catalogue import Catalogue
from runner.live.contract import NotFound, Unclear
from runner.live.model import Instrument
from runner.live.ports import NoAnswer, Rest

__all__ = ["instruments_at"]


async def instruments_at(broker: Broker, rest: Rest, symbols: Iterable[str]) -> dict[str, Instrument]:
    """Return symbols with their steps and currencies.

    Raises:
        ConfigError: a symbol's steps are half written, or nobody tells them, or the venue doesn't trade it, or says nothing.
    """
    contract = broker.contract({})
    found: dict[str, Instrument] = {}
    faults: list[Fault] = []
    for symbol in dict.fromkeys(symbols):
        if symbol in broker.ticks and symbol in broker.lots:
            found[symbol] = Instrument(symbol, Decimal(broker.ticks[symbol]), Decimal(broker.lots[symbol]), broker.currency)
        elif symbol in broker.ticks or symbol in broker.lots:
            missing = "lots" if symbol in broker.ticks else "ticks"
            faults.append(Fault(f"broker.{missing}.{symbol}", "must be written where the other step is", "", "Write both."))
        elif not isinstance(contract, Catalogue):
            write = f'Write broker.ticks: {{{symbol}: "0.01"}} and broker.lots: {{{symbol}: "1"}}, with its own steps.'
            faults.append(Fault(f"broker.ticks.{symbol}", f"must be written: {broker.kind} doesn't tell steps", "", write))
        else:
            told = await _asked(contract, broker, rest, symbol)
            if isinstance(told, Instrument):
                found[symbol] = told
            else:
                faults.append(told)
    if faults:
        raise ConfigError(faults)
    return found


async def _asked(catalogue: Catalogue, broker: Broker, rest: Rest, symbol: str) -> Instrument | Fault:
    where = f"universe.symbols.{symbol}"
    try:
        response = await rest.send(catalogue.terms(symbol), timeout_ns=broker.profile().timeout_ns)
    except NoAnswer:
        return Fault(where, f"must be asked for at {broker.kind}, which doesn't answer", "", "Try again when it does.")
    said = catalogue.read_terms(response, symbol)
    if isinstance(said, NotFound):
        return Fault(where, f"must be traded at {broker.kind}", symbol, "Write the broker's own name of it.")
    if isinstance(said, Unclear):
        return Fault(where, f"must be told by {broker.kind} so that it can be read", said.reason, "Check keys and address.")
    return said
