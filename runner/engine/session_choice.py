"""Whether a run can be a live session, or must not be one: what its sections say of each other."""

from fractions import Fraction

from runner.errors import Fault
from runner.spec.run import LIVE_ALONE, RunSpec
from runner.spec.session import UNLIMITED, Session

__all__ = ["session_faults"]


def session_faults(spec: RunSpec) -> list[Fault]:
    """Return what keeps a run's sections from making a live session, or from not being one."""
    given = {name: getattr(spec, name) is not None for name in LIVE_ALONE}
    if spec.mode.kind in {"backtest", "replay"}:
        return [
            Fault(
                name, f"must be left out under mode {spec.mode.kind}", "", f"Write {name}=null, or mode=paper or mode=live."
            )
            for name, is_there in given.items()
            if is_there
        ]
    wanted = ("feed", "session") if spec.mode.kind == "paper" else ("feed", "broker", "session")
    faults = [
        Fault(name, f"must be chosen under mode {spec.mode.kind}", "null", f"Write {name}=NAME.")
        for name in wanted
        if not given[name]
    ]
    if spec.mode.kind == "paper" and spec.broker is not None:
        fix = "Leave it out, or write mode=live: under mode paper the run's own fill kind fills."
        faults.append(Fault("broker", "must be left out under mode paper", spec.broker.kind, fix))
    if spec.engine.kind != "native":
        faults.append(Fault("engine.kind", "must be native in a session", spec.engine.kind, "Write engine=native."))
    if spec.fill.kind == "same_close":
        fix = "Choose fill=next_open: a price that is gone once it is known can't be had."
        faults.append(Fault("fill.kind", "must not be same_close in a session", "same_close", fix))
    session = spec.session
    if spec.mode.kind == "live" and session is not None:
        faults += [*_live_faults(spec), *_collar_faults(session)]
    return faults


def _live_faults(spec: RunSpec) -> list[Fault]:
    """Return what a real venue can't be asked for."""
    session, exits, order = spec.session, spec.exits, spec.order
    account = getattr(spec.broker, "account", None)
    faults = _address_faults(spec)
    # The venue that a session starts for itself has nobody's money.
    is_ours = spec.broker is not None and spec.broker.kind == "embedded"
    if session is not None and account is not None and session.confirm != account and not is_ours:
        fix = f"Write session.confirm={account} if orders shall really be sent for that account."
        faults.append(Fault("session.confirm", "must repeat the account's name under mode live", str(session.confirm), fix))
    for name in ("stop_loss", "take_profit", "trailing_stop"):
        if getattr(exits, name) is not None:
            fix = "Leave it out and close by a rule of the signal, or by exits.max_holding."
            faults.append(
                Fault(f"exits.{name}", "can't be watched at the venue under mode live", str(getattr(exits, name)), fix)
            )
    if order.kind == "stop":
        fix = "Write order=market or order=limit: the venues' contracts have no stop orders."
        faults.append(Fault("order.kind", "must be market or limit under mode live", "stop", fix))
    if order.volume_share is not None:
        fix = "Leave it out: what the venue fills is what there is."
        faults.append(Fault("order.volume_share", "must be null under mode live", str(order.volume_share), fix))
    return faults


def _address_faults(spec: RunSpec) -> list[Fault]:
    """Return a fault if market and account are those of two embedded venues."""
    addresses = [getattr(kind, "base_url", None) for kind in (spec.feed, spec.broker)]
    kinds = {getattr(kind, "kind", None) for kind in (spec.feed, spec.broker)}
    if kinds != {"embedded"} or addresses[0] == addresses[1]:
        return []
    fix = "Write the same address for both, or null for both."
    return [Fault("broker.base_url", "must be the venue of feed.base_url", str(addresses[1]), fix)]


def _collar_faults(session: Session) -> list[Fault]:
    collar = session.limits.collar
    if collar == UNLIMITED or Fraction(str(session.reach)) < Fraction(str(collar)):
        return []
    fix = f"Write a reach below {collar}, or a wider collar."
    return [Fault("session.reach", "must be less than session.limits.collar", str(session.reach), fix)]
