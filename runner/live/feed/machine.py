"""From inputs to instants: everything between the sockets and the strategy, as one synchronous machine.

It asks no clock and waits for nothing. Given the same plan and the same inputs it makes the same instants, to the bit: a
session can be played again from its recording (`replay`), and how messages are packed into inputs makes no difference.

One input after the other (`Machine.take`):

1. The dialect reads a text into messages.
2. Market data go to bars (`bars`), books and best prices (`touches`, `books.Chain`), or become rows as they are. What can't
   be read is a hole in its symbol's stream (`holes`), and its book is unknown.
3. What is said of the connection moves its time on (`lines`), and is left in `said` for whoever holds the socket.
4. Whatever is due is handed on, in the order of stamps: a row of events waits for the bar that ended before it.

What only the world can give, a book to begin differences from or a bar for a hole, is left in `wants`.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from runner.live.feed.bar import Built
from runner.live.feed.bars import Bars
from runner.live.feed.books import GAP, Chain
from runner.live.feed.dialect import Dialect
from runner.live.feed.grid import Grid
from runner.live.feed.holes import Holes
from runner.live.feed.inputs import CLOSED, FILLED, HEARD, OPENED, SNAPSHOT, TICK, Input
from runner.live.feed.instant import Instant
from runner.live.feed.lines import Line, Lines
from runner.live.feed.messages import (
    Acked,
    Bar,
    Book,
    Books,
    Channel,
    Difference,
    Farewell,
    Message,
    Reached,
    Refused,
    Snapshot,
    Spent,
    Top,
    Trade,
    Unreadable,
)
from runner.live.feed.plan import Plan
from runner.live.feed.sessions import Sessions
from runner.live.feed.touches import LOST, Touches
from runner.live.feed.trade_numbers import TradeNumbers
from runner.signal.push import PushedRow

__all__ = ["BookWant", "Machine"]

SECOND = 1_000_000_000
NAN = math.nan
IGNORED = {"unknown", "symbol"}
MOST_BOOKS = 5
"""Times in a row that a book is asked for in vain before another connection is tried."""


class BookWant(NamedTuple):
    """A book that is asked for, to begin differences from."""

    symbol: int


class Machine:
    """The state of one feed."""

    def __init__(self, plan: Plan, dialect: Dialect) -> None:
        """Begin with nothing heard."""
        count = len(plan.symbols)
        self.holes = [Holes() for _ in range(count)]
        self.lines = Lines()
        self.touches = Touches(plan)
        self.bars = Bars(plan, Grid(plan.bars, plan.align), self.holes) if plan.bars is not None else None
        self.counts: Counter[str] = Counter()
        """What couldn't be used, by reason."""
        self.heard_at: list[int | None] = [None] * count
        """Per symbol, the market's time when data last came."""
        self.said: list[Message] = []
        """What the last input said of its connection."""
        self.wants: list[BookWant] = []
        """What to ask the venue for; whoever asks takes them out. Bars that are wanted are in `bars.wants`."""
        self._plan = plan
        self._dialect = dialect
        policy = plan.events if plan.events is not None else plan.bars
        assert policy is not None  # noqa: S101 - a plan has one
        self._sessions = Sessions(policy)
        self._makes = {name: name in plan.streams for name in ("bars", "trades", "quotes", "depth")}
        self._makes_events = plan.streams != ("bars",)
        self._tells_time = dialect.manners.tells_time
        self._are_rows_all = plan.streams == ("depth",) and self._tells_time and not plan.together and self.bars is None
        """Whether rows of depth are all there is to make, handed on as they come."""
        self._flow = plan.bars_channel if self._makes["bars"] else plan.channels[0]
        self._chains: dict[int, Chain] = {}
        self._asked_books: Counter[int] = Counter()
        self._numbers = TradeNumbers(count, are_consecutive=dialect.manners.is_consecutive)
        self._events: list[tuple[int, int, PushedRow]] = []
        self._made: list[Instant] = []
        self._gapped: set[int] = set()
        self._count = 0
        self._serial = 0
        self._last = 0
        self._now = self._mono = 0
        self._line: Line | None = None
        self._inputs: dict[str, Callable[[Input], None]] = {
            HEARD: self._on_text,
            OPENED: self._on_open,
            CLOSED: self._on_close,
            TICK: lambda _: None,
            SNAPSHOT: self._on_snapshot,
            FILLED: self._on_fill,
        }
        self._messages: dict[type[Message], Callable[..., None]] = {
            Trade: self._on_trade,
            Book: self._on_book,
            Top: self._on_top,
            Difference: self._on_chained,
            Snapshot: self._on_chained,
            Bar: self._on_bar,
            Reached: self._on_reached,
            Acked: self._on_acked,
            Refused: self._on_word,
            Farewell: self._on_word,
            Spent: self._on_word,
            Unreadable: self._on_unreadable,
        }

    def take(self, each: Input) -> Sequence[Instant]:
        """Deal with one input and return the instants that it completes; unknown kinds mean nothing."""
        self.said = []
        self._made = []
        self._now, self._mono = each.utc_ns, each.mono_ns
        self._line = self.lines.open.get(each.connection)
        act = self._inputs.get(each.kind)
        if act is not None:
            act(each)
            self._release()
        return self._made

    def take_books(self, connection: int, books: Books, places: range, mono: int, utc: int) -> Sequence[Instant]:
        """Deal with some of the messages that a dialect read, all good books, as `take` would deal with their texts."""
        self.said = []
        self._made = []
        self._now, self._mono = utc, mono
        self._line = self.lines.open.get(connection)
        if self._line is None:
            return self._made
        for place, top in zip(places, books.tops(places), strict=True):
            if not (self._are_rows_all and self._on_plain_book(books, place, top)):
                self._on_good_book(books, place, top)
                self._release()
        return self._made

    def is_waiting(self, now: int, mono: int) -> bool:
        """Tell whether time alone would complete something."""
        if self.bars is not None and self.bars.is_due(self.lines.heard, now, mono):
            return True
        return self._plan.together and bool(self._events) and now >= self._events[0][0] + self._plan.patience_ns

    # --- inputs -------------------------------------------------------------------------------------------------------

    def _on_open(self, each: Input) -> None:
        self.lines.add(each.connection, json.loads(each.body))
        if self.bars is not None:
            self.bars.begin(each.utc_ns)

    def _on_close(self, each: Input) -> None:
        line = self.lines.end(each.connection)
        if line is None:
            return
        for symbol in line.carried:
            if self.holes[symbol].is_listening:
                after = self._now if line.reached is None else line.reached
                self.holes[symbol].lose(after - self._plan.lateness_ns)
                self._gapped.add(symbol)
            self.touches.lose(symbol, self._now, LOST)
            self._chains.pop(symbol, None)
            self._asked_books.pop(symbol, None)

    def _on_text(self, each: Input) -> None:
        line = self._line
        if line is None:
            return
        messages = self._messages
        for message in self._dialect.decode(each.body, line.carried):
            messages[type(message)](message)

    def _on_snapshot(self, each: Input) -> None:
        number, _, body = each.body.partition(b" ")
        symbol = int(number)
        chain = self._chains.get(symbol)
        if chain is None or chain.is_known:
            return
        snapshot = self._dialect.snapshot(symbol, body) if body else None
        if snapshot is None:
            self.counts["book not read"] += 1
        elif chain.put(snapshot):
            self._asked_books.pop(symbol, None)
            self._show_chain(chain, symbol, snapshot.ts)
            return
        self._ask_book(symbol)

    def _on_fill(self, each: Input) -> None:
        told = json.loads(each.body)
        if self.bars is None:
            return
        bars = [(known, Built(*(NAN if value is None else value for value in values))) for known, *values in told["bars"]]
        self.bars.fill(told["symbol"], bars, told["first"], told["last"])

    # --- market data --------------------------------------------------------------------------------------------------

    def _stamp(self, symbol: int, ts: int) -> int | None:
        """Return when something happened; None if that is so far ahead that it can't be."""
        ahead = self._plan.ahead_ns
        if ahead is not None and ts > self._now + ahead:
            self._on_unreadable(Unreadable("ahead", symbol))
            return None
        self.heard_at[symbol] = self._now
        if not self._tells_time and ts and self._line is not None:
            self._reach(self._line, ts)
        return ts or self._now

    def _on_trade(self, trade: Trade) -> None:
        symbol = trade.symbol
        ts = self._stamp(symbol, trade.ts)
        if ts is None:
            return
        if trade.number:
            is_new, missing = self._numbers.follow(symbol, trade.number, ts)
            if not is_new:
                self.counts["trade repeated"] += 1
                return
            if missing is not None and self.holes[symbol].is_listening:
                self.counts["trade gap"] += 1
                self.holes[symbol].miss(*missing)
                self._gapped.add(symbol)
        self._flows(Channel.TRADES, symbol)
        if self._makes["bars"] and self._plan.bars_from == "trades" and self.bars is not None:
            self.bars.add(symbol, ts, trade.price, trade.size)
        if self._makes["trades"]:
            self._row("trades", symbol, ts, {"price": trade.price, "size": trade.size, "side": trade.side})

    def _on_book(self, book: Book) -> None:
        symbol = book.symbol
        ts = self._stamp(symbol, book.ts)
        if ts is None:
            return
        fault = self.touches.book(symbol, ts, book.bids, book.asks)
        self._shown(Channel.DEPTH, symbol, ts, fault)
        if self._makes["depth"]:
            self._row("depth", symbol, ts, self.touches.depth_row(book.bids, book.asks, fault))

    def _on_good_book(self, books: Books, place: int, top: Sequence[float]) -> None:
        symbol = books.symbols[place]
        ts = self._stamp(symbol, books.ts[place])
        if ts is None:
            return
        self.touches.good_book(symbol, ts, top)
        self._shown(Channel.DEPTH, symbol, ts, "")
        if self._makes["depth"]:
            self._row("depth", symbol, ts, self.touches.row_of(books.cells, place))

    def _on_plain_book(self, books: Books, place: int, top: Sequence[float]) -> bool:
        """Do the same in fewer steps where a row of depth is all that it comes to; return whether that was so."""
        symbol, ts = books.symbols[place], books.ts[place]
        ahead, day = self._plan.ahead_ns, self._sessions.day(ts)
        is_early = ahead is not None and ts > self._now + ahead
        if is_early or day is None or self._gapped or not self.holes[symbol].is_listening:
            return False
        self.heard_at[symbol] = self._now
        self.touches.good_book(symbol, ts, top)
        self._last = max(ts, self._last)
        self._serial += 1
        row = PushedRow("depth", symbol, self._last, day, self.touches.row_of(books.cells, place))
        self._made.append(Instant(self._last, (row,), self.touches.changes(), (), self._serial))
        return True

    def _on_top(self, top: Top) -> None:
        symbol = top.symbol
        ts = self._stamp(symbol, top.ts)
        if ts is None:
            return
        chain = self._chains.get(symbol)
        if chain is not None and chain.contradicts(top):
            self.counts["book contradicted"] += 1
            self._lose_book(chain, symbol, ts)
        if self._plan.touch is Channel.QUOTES or self._makes["quotes"]:
            fault = self.touches.top(top._replace(ts=ts))
            self._shown(Channel.QUOTES, symbol, ts, fault)

    def _on_bar(self, bar: Bar) -> None:
        if self._stamp(bar.symbol, 0) is None or self.bars is None:
            return
        self._flows(Channel.BARS, bar.symbol)
        self.bars.put(bar.symbol, bar.opened, bar.values)

    def _on_chained(self, said: Difference | Snapshot) -> None:
        symbol = said.symbol
        ts = self._stamp(symbol, said.ts)
        if ts is None:
            return
        chain = self._chains.setdefault(symbol, Chain())
        was_known = chain.is_known
        if chain.put(said):
            self._show_chain(chain, symbol, ts)
        elif was_known and not chain.is_known:
            self.counts["book gap"] += 1
            self._break(symbol, ts)
            self._ask_book(symbol)
        elif isinstance(said, Difference) and said.first >= 0 and not chain.is_known and not self._asked_books[symbol]:
            self._ask_book(symbol)

    def _show_chain(self, chain: Chain, symbol: int, ts: int) -> None:
        bids, asks = chain.levels()
        fault = self.touches.book(symbol, ts, bids, asks)
        if fault == "crossed":
            self.counts["book contradicted"] += 1
            self._lose_book(chain, symbol, ts)
            return
        self._shown(Channel.DEPTH, symbol, ts, fault)
        if self._makes["depth"]:
            self._row("depth", symbol, ts, self.touches.depth_row(bids, asks, fault))

    def _lose_book(self, chain: Chain, symbol: int, ts: int) -> None:
        is_numbered = chain.last is not None
        chain.lose()
        self._break(symbol, ts)
        if is_numbered:
            self._ask_book(symbol)
        else:
            self.said.append(Spent("a book that only begins with the connection was lost"))

    def _break(self, symbol: int, ts: int) -> None:
        """Have no book of a symbol: nobody may go on with the one before."""
        self.touches.lose(symbol, ts, GAP)
        self._gapped.add(symbol)
        if self._flow is Channel.DEPTH:
            self.holes[symbol].miss(ts, max(ts, self._now))
        if self._makes["depth"]:
            self._row("depth", symbol, ts, self.touches.depth_row([], [], GAP))

    def _ask_book(self, symbol: int) -> None:
        self._asked_books[symbol] += 1
        if self._asked_books[symbol] <= MOST_BOOKS:
            self.wants.append(BookWant(symbol))
        else:
            self.said.append(Spent("a book was asked for in vain"))

    def _shown(self, channel: Channel, symbol: int, ts: int, fault: str) -> None:
        """Make what best prices are for: a row of quotes, and a price of bars."""
        self._flows(channel, symbol)
        touch = self.touches.now[symbol]
        if self._makes["bars"] and self._plan.bars_from == "mids" and not fault and self.bars is not None:
            self.bars.add(symbol, ts, (touch.bid_price + touch.ask_price) / 2, NAN)
        if self._makes["quotes"] and self.touches.is_new:
            self._row("quotes", symbol, ts, self.touches.quote_row(symbol))

    def _flows(self, channel: Channel, symbol: int) -> None:
        """Know that a symbol is subscribed to where its data come, whether or not that was acknowledged."""
        if channel is self._flow and self._line is not None and not self.holes[symbol].is_listening:
            self._subscribed(self._line, symbol)

    # --- the connection -----------------------------------------------------------------------------------------------

    def _on_reached(self, reached: Reached) -> None:
        self.said.append(reached)
        if self._line is not None:
            self._reach(self._line, reached.ts)

    def _reach(self, line: Line, ts: int) -> None:
        self.lines.reach(line, ts)
        for symbol in line.subscribed:
            self.holes[symbol].listen(ts + self._plan.lateness_ns)
        line.subscribed.clear()
        self._release()

    def _on_acked(self, acked: Acked) -> None:
        self.said.append(acked)
        line = self._line
        if (
            line is None
            or (acked.channel is not None and acked.channel is not self._flow)
            or (acked.code and not acked.symbols)
        ):
            return
        for symbol in line.carried if acked.symbols is None else acked.symbols:
            if not self.holes[symbol].is_listening:
                self._subscribed(line, symbol)

    def _subscribed(self, line: Line, symbol: int) -> None:
        if self._tells_time:
            line.subscribed.add(symbol)
        else:
            since = self._now if line.reached is None else max(self._now, line.reached)
            self.holes[symbol].listen(since + self._plan.lateness_ns)

    def _on_word(self, message: Message) -> None:
        self.said.append(message)

    def _on_unreadable(self, message: Unreadable) -> None:
        """Count it; whose it was has a hole and no book, and if nobody can say, everyone on the connection.

        Of what isn't known, or is about symbols that nobody asked for, nothing follows.
        """
        self.counts[message.reason] += 1
        if message.reason in IGNORED or self._line is None:
            return
        symbols = (message.symbol,) if message.symbol >= 0 else self._line.carried
        reached = self._now if self._line.reached is None else self._line.reached
        for symbol in symbols:
            if message.channel in {None, self._flow}:
                self.holes[symbol].miss(min(reached, self._now), max(reached, self._now))
                self._gapped.add(symbol)
            if message.channel in {None, Channel.DEPTH, Channel.QUOTES}:
                self._lose_touch(symbol, is_sure=message.symbol >= 0)

    def _lose_touch(self, symbol: int, *, is_sure: bool) -> None:
        chain = self._chains.get(symbol)
        if chain is None:
            self.touches.lose(symbol, self._now, "values")
        elif is_sure or chain.last is None:
            # Where differences are numbered, the next one tells whether this was one.
            self._lose_book(chain, symbol, self._now)

    # --- handing on ---------------------------------------------------------------------------------------------------

    def _row(self, clock: str, symbol: int, ts: int, columns: Mapping[str, float]) -> None:
        day = self._sessions.day(ts)
        if day is None:
            self.counts["out of session"] += 1
            return
        if self._plan.together and ts <= self._last:
            self.counts["late"] += 1
            self._gapped.add(symbol)
            return
        if not self._plan.together and not self._events and not self._waits_for_bar(ts):
            self._hand_on(max(ts, self._last), (PushedRow(clock, symbol, max(ts, self._last), day, columns),), ())
            return
        self._count += 1
        heappush(
            self._events,
            (ts if self._plan.together else self._count, self._count, PushedRow(clock, symbol, ts, day, columns)),
        )
        if not self._plan.together:
            self._release()

    def _release(self) -> None:
        """Hand on whatever is due."""
        bars, heard = self.bars, self.lines.heard
        while True:
            if self._events and not self._waits_for_bar(self._events[0][2].ts):
                if not self._event(heard):
                    return
            elif bars is not None and bars.is_due(heard, self._now, self._mono):
                decided = bars.decide()
                self._hand_on(decided.ts, (*decided.rows, *self._same(decided.ts)), decided.gapped)
            else:
                return

    def _waits_for_bar(self, ts: int) -> bool:
        """Tell whether a row of an event comes after the end of a bar that isn't decided yet."""
        return self.bars is not None and self.bars.next is not None and ts >= self.bars.next.known

    def _event(self, heard: int | None) -> bool:
        """Hand on the next row of events if it is due."""
        row = self._events[0][2]
        if not self._plan.together:
            heappop(self._events)
            row = row if row.ts >= self._last else row._replace(ts=self._last)
            self._hand_on(row.ts, (row,), ())
            return True
        is_heard = heard is not None and heard >= row.ts + self._plan.lateness_ns
        if not is_heard and self._now < row.ts + self._plan.patience_ns:
            return False
        self._hand_on(row.ts, tuple(self._same(row.ts)), ())
        return True

    def _same(self, ts: int) -> list[PushedRow]:
        """Take out the rows of events of one instant, in the order of the symbols and of their coming."""
        rows = []
        while self._events and self._events[0][2].ts == ts:
            rows.append(heappop(self._events)[2])
        return sorted(rows, key=lambda row: row.symbol)

    def _hand_on(self, ts: int, rows: tuple[PushedRow, ...], gapped: Sequence[int]) -> None:
        self._last = ts
        missing = tuple(gapped)
        if self._gapped:
            # Of bars alone, their own holes say what is missing.
            missing = tuple(sorted({*gapped, *self._gapped})) if self._makes_events else missing
            self._gapped.clear()
        if rows or missing:
            self._serial += 1
            self._made.append(Instant(ts, rows, self.touches.changes(), missing, self._serial))
