"""What a simulated session is told: small limits, so that the gate has work, and a profile that is the exchange's own."""

from decimal import Decimal

from runner.live.limits import Limits
from runner.live.model import Instrument
from runner.live.money import money_of
from runner.live.profile import IdScope, Profile
from runner.live.setup import Setup
from runner.venue import rules as venue
from runner.venue.auditor import Bounds
from runner.venue.world import MS, SECOND

__all__ = ["LIMITS", "bounds_of", "instruments", "profile_of", "setup_of"]

SCOPES = {
    venue.IdScope.OPEN_ONLY: IdScope.OPEN,
    venue.IdScope.STRICT: IdScope.ALL,
    venue.IdScope.NEVER: IdScope.NONE,
}
POSITION = Decimal(15)
GROSS = Decimal(420_000)

LIMITS = Limits(
    symbols=frozenset(each.symbol for each in venue.INSTRUMENTS),
    order_units=Decimal(10),
    order_value=money_of(Decimal(200_000)),
    position_units=POSITION,
    position_value=None,
    position_share=None,
    gross_value=money_of(GROSS),
    gross_share=None,
    net_value=None,
    net_share=None,
    open_value=money_of(Decimal(600_000)),
    collar=venue.COLLAR,
    max_age_ns=2 * SECOND,
    held_fresh=False,
    duplicate_ns=500 * MS,
    rate_orders=25,
    rate_ns=10 * SECOND,
    rate_per_symbol=False,
    day_orders=400,
    loss_share=None,
    loss_value=money_of(Decimal(100_000)),
    loss_since_close=False,
    loss_halts=False,
    drawdown_share=None,
    rejects=30,
    rejects_ns=60 * SECOND,
    repeats=2,
)
"""What the session is held to."""


def instruments() -> dict[str, Instrument]:
    """Return what is traded, in the words of the session."""
    return {each.symbol: Instrument(each.symbol, each.tick, each.lot, venue.CURRENCY) for each in venue.INSTRUMENTS}


def profile_of(rules: venue.VenueRules, *, has_replace: bool) -> Profile:
    """Return the promises of an exchange as its adapter would write them down: a little less than it keeps."""
    return Profile(
        name=rules.name,
        ids=SCOPES[rules.ids],
        valid_ns=rules.window_ns,
        visible_ns=rules.most_lag,
        has_replace=has_replace,
        orders_per_window=rules.orders_per_10s * 3 // 4,
        requests_per_window=rules.requests_per_10s * 3 // 4,
        window_ns=10 * SECOND,
        max_skew_ns=2 * 3_600 * SECOND,
        dead_man_ns=15 * SECOND if rules.ids is venue.IdScope.STRICT else None,
    )


def bounds_of(profile: Profile) -> Bounds:
    """Return the limits as the auditor measures them at the exchange."""
    return Bounds(
        position={each.symbol: int(POSITION / each.lot) for each in venue.INSTRUMENTS},
        gross=GROSS,
        quote_age=LIMITS.max_age_ns,
        orders=LIMITS.rate_orders or 0,
        orders_within=LIMITS.rate_ns,
        orders_per_window=profile.orders_per_window,
        requests_per_window=profile.requests_per_window,
        window=profile.window_ns,
    )


def setup_of(profile: Profile) -> Setup:
    """Return what every life of one world is told."""
    return Setup(
        account="simulated",
        run="simulation",
        environment="paper",
        config="c0ffee",
        code="c0de",
        instruments=instruments(),
        currency=venue.CURRENCY,
        profile=profile,
        limits=LIMITS,
        versions={},
        halt_ns=20 * SECOND,
        compare_ns=10 * SECOND,
        snapshot_rows=150,
    )
