"""What the risk rules have to say: of the account at every instant, and of each order that increases a position."""

from runner.compiler import calling, inner_part, stay_apart
from runner.trading.kernel.layout import ASKED, BLOCK, CLOSE_ALL, EQUITY, GROSS, HALT, NO_EQUITY, PASS, RISK, RULES
from runner.trading.kernel.log import log_refusal, log_trip
from runner.trading.kernel.quantities import is_dust
from runner.trading.kernel.world import log_at, rules_at, state_at, venue_at
from runner.trading.risk import ALLOWED, WATCH

__all__ = ["allowed", "demanded"]

granted_by = calling(ALLOWED)
watched = calling(WATCH)


@inner_part
def demanded(ts, session, where):
    """Return what the rules that watch the account ask for, and the first that asks for most; every rule is asked.

    Where a rule begins to ask that everything be closed, that is written down.
    """
    stay_apart()
    rules, switches, state, log = rules_at(where), venue_at(where).switches, state_at(where), log_at(where)
    account = state.account
    most = PASS
    who = -1
    for j in range(switches[RULES]):
        if rules.watch[j] == 0:
            continue
        own = rules.own[rules.rule_at[j] : rules.rule_at[j + 1]]
        asked = watched(rules.watch[j], (rules.rule_p[j], own, ts, session, account, state.book, state.times))
        # What isn't a number is no permission.
        if not asked <= BLOCK and not asked > BLOCK:
            asked = BLOCK
        before = account[ASKED + j]
        asked = HALT if before == HALT else min(asked, HALT)
        if asked >= CLOSE_ALL and asked > before:
            log_trip(log, state.counters, ts, RISK + j, int(asked), account[GROSS])
        account[ASKED + j] = asked
        if asked > most:
            most, who = asked, j
    return most, who


@inner_part
def allowed(s, ts, wanted, position, demand, who, where):
    """Return how much of a signed quantity that increases a position may be ordered, and write down who said less.

    An account whose equity isn't above zero, or isn't known, has nothing to open a position with, whoever lets it.
    """
    stay_apart()
    rules, switches, state, log = rules_at(where), venue_at(where).switches, state_at(where), log_at(where)
    if demand >= BLOCK:
        log_refusal(log, state.counters, ts, s, RISK + who, wanted, 0.0)
        return 0.0
    if not state.account[EQUITY] > 0.0:
        log_refusal(log, state.counters, ts, s, NO_EQUITY, wanted, 0.0)
        return 0.0
    side = 1.0 if wanted > 0.0 else -1.0
    for j in range(switches[RULES]):
        if rules.allowed[j] == 0:
            continue
        own = rules.own[rules.rule_at[j] : rules.rule_at[j + 1]]
        said = granted_by(
            rules.allowed[j],
            (rules.rule_p[j], own, wanted, position, s, ts, state.account, state.book, state.times),
        )
        granted = side * said
        granted = min(side * wanted, granted) if granted > 0.0 and not is_dust(granted, wanted, position) else 0.0
        if granted < side * wanted:
            log_refusal(log, state.counters, ts, s, RISK + j, wanted, side * granted)
            wanted = side * granted
        if wanted == 0.0:
            return 0.0
    return wanted
