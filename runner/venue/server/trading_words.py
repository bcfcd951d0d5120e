"""The trading API of the embedded venue, word by word. TickDB has none: this contract is ours, in TickDB's manner.

Requests go to the REST address with the header `X-API-Key`. Money, prices and quantities are plain decimal text
(`"0.0100"`), stamps are UTC nanoseconds as whole numbers; a request may write them as text. Success is HTTP 200 and

    {"code": 0, "message": "success", "data": DATA}

and everything else is `{"code": CODE, "message": TEXT, "data": null}` with the status of the table below.

**Two clocks.** `market` is the market's time: it goes as fast as the tape is played, stands still between two instants of a
tape played in step with its listeners, and after the tape's end goes on second by second. `gateway` is the trading
gateway's own clock: the machine's time, second by second, never stepping, whatever the pace of the tape. A request says in
`clock` which of the two it read its stamps from; left out, it is `market`. Orders and executions carry both.

    POST   /v1/trade/place                       PLACE                    → ORDER
    DELETE /v1/trade/cancel/{id}                 [by]                     → ORDER, as it is after the cancel
    GET    /v1/trade/status/{id}                 [by]                     → ORDER
    GET    /v1/trade/by_client_id                client_order_id          → {"orders": [ORDER …]}, or 404 7007
    GET    /v1/trade/open                        [page]                   → {"orders": [ORDER …], "next": text or null}
    GET    /v1/trade/fills                       [since_ns] [clock] [page]
                                                                          → {"fills": [FILL …], "next": …}, oldest first,
                                                                            `since_ns` itself included
    GET    /v1/trade/positions                   [page]                   → {"positions": [{"symbol", "quantity"} …],
                                                                            "next": …}: signed; flat ones are left out
    GET    /v1/trade/account                                              → {"balances": [{"currency", "amount"}], "equity"}
    GET    /v1/trade/instruments                                          → {"instruments": [{"symbol", "tick", "lot",
                                                                            "currency"} …]}
    GET    /v1/time                                                       → {"market_ns", "gateway_ns", "is_over"}

`{id}` is the venue's `order_id`; with `by=client_order_id` in the query it is the client's. `page` is the `next` of the page
before; it goes on where that page ended, whatever happened in between, so a list may be read while it grows.

    PLACE  {"symbol", "side": buy|sell, "type": limit|market (left out: limit), "quantity", "price" (limit alone),
            "time_in_force": gtc|ioc (left out: gtc; a market order is always ioc), "client_order_id": 1 … 64 characters of
            A-Z a-z 0-9 . _ : -, "sent_at_ns", "clock": market|gateway, ["valid_ns"]}
    ORDER  {"order_id", "client_order_id", "symbol", "side", "type", "time_in_force", "quantity", "price" or null, "filled",
            "status": open|filled|canceled|expired|rejected, "at_ns", "gateway_ns"}
    FILL   {"exec_id", "order_id", "client_order_id", "symbol", "side", "quantity", "price", "fee", "fee_currency",
            "at_ns": market, "gateway_ns"}

What the venue promises:

- *Ids.* A client order id is taken once and for all, whatever became of its order: from then on it is 7006 and never an
  answer that says "not placed". `exec_id`s are unique.
- *Validity.* An order is taken only while `now - sent_at_ns <= valid_ns` on the clock it names, and not when `sent_at_ns` is
  more than a second ahead of it; `valid_ns` left out, or longer than five seconds, is five seconds. Later it is 7002.
- *Visibility.* What has been accepted or executed shows in every answer no later than `VISIBLE_NS` afterwards, on whichever
  of the two clocks comes first. Cancels take effect at once, also of orders that queries don't show yet.
- *Definitive answers.* Exactly the answers marked "not placed" prove that a new order was not placed. Every other answer but
  200 and 7006, and no answer, prove nothing: the order may have been taken, 429 and 5xx not excepted.
- *Replacing* an order is not offered, nor is a dead man's switch.

| code | HTTP | meaning | of a new order |
|---|---|---|---|
| 7001 | 400 | not an order: a field missing or malformed, a price or quantity off its step, or not above zero | not placed |
| 7002 | 400 | the request is older than its validity, or from the future | not placed |
| 7003 | 400 | the market is closed: the tape is over | not placed |
| 7005 | 403 | insufficient funds: equity would not carry what may come of all open orders | not placed |
| 2002 | 404 | no such symbol | not placed |
| 7006 | 409 | this client order id was taken before | look: it may have been this very order |
| 7007 | 404 | no such order (or it isn't shown yet) | |
| 7008 | 409 | the order is not open: nothing to cancel | |
| 2001 | 400 | bad parameters of a question: page, clock, since_ns, by | |
| 1001, 1002 | 401 | the key is wrong, missing | nobody looked at the order, but credentials are lost |
| 3001 | 429 | too many requests; `Retry-After` in whole seconds, sometimes missing | proves nothing |
| 5000, 5001 | 500, 503 | the server failed | proves nothing |

`code` is a number, and sometimes the same number as text: read both.

**The private stream** is a WebSocket at `/v1/trade/stream`, key in the header `X-API-Key` or, in TickDB's manner, as
`?api_key=`; a wrong key fails the upgrade with 401. Each frame is one JSON object:

    {"type": "order", "order": ORDER}      an order was accepted, or changed, or ended
    {"type": "fill", "fill": FILL}         an execution; the order's frame comes after it
    {"type": "heartbeat", "market_ns", "gateway_ns"}      every two seconds of the machine's time
    {"type": "pong", "market_ns", "gateway_ns"}           the answer to {"cmd": "ping"}

There is no snapshot at the beginning and nothing is repeated: what was missed is asked for by REST. Other types are to be
passed over. Frames of one happening leave before the market data that caused it.

**In step.** While a tape is played in step, a private stream that has once sent `{"cmd": "ping"}` takes part like a market
data connection: after an instant its first ping is answered at once, so everything of that instant lies before the pong, and
the next ping says that it has been dealt with; its pong comes after the next instant. A stream that never pings isn't waited
for.

**How orders fill.** Against the market as it is played, never against each other:

- Where the symbol has a book (depth or quotes), what is marketable takes the shown levels at once, best first, each at its
  price and no more than its size; what was taken of a level is gone until the level is told anew. The rest of an `ioc` order
  expires, the rest of a `gtc` order rests.
- Where it has trades alone (a tape of bars is played as trades), an order meets the first trade after it: when its limit
  allows that trade's price it fills there, at the trade's price; if not, `ioc` expires and `gtc` rests. So an order decided
  at a bar's close fills at the next bar's open.
- A resting order fills at its limit, when the market trades strictly through it or, where there is a book, the other side
  comes to its limit or beyond.
- With a `participation` at the venue, no fill at a trade is larger than that share of its size, and a resting order also
  fills by this share when the market trades at its limit exactly.
"""

from typing import Final

__all__ = [
    "BAD_ORDER",
    "BAD_REQUEST",
    "CLOSED",
    "DUPLICATE",
    "EXPIRED",
    "FUNDS",
    "LONGEST_VALID_NS",
    "NOT_OPEN",
    "UNKNOWN_ORDER",
    "UNKNOWN_SYMBOL",
    "VISIBLE_NS",
    "Code",
]

Code = tuple[int, int, str]
"""HTTP status, code, message."""

BAD_ORDER: Final[Code] = (400, 7001, "invalid order")
EXPIRED: Final[Code] = (400, 7002, "request expired")
CLOSED: Final[Code] = (400, 7003, "market closed")
FUNDS: Final[Code] = (403, 7005, "insufficient funds")
DUPLICATE: Final[Code] = (409, 7006, "client_order_id must be unique")
UNKNOWN_ORDER: Final[Code] = (404, 7007, "order not found")
NOT_OPEN: Final[Code] = (409, 7008, "order is not open")
UNKNOWN_SYMBOL: Final[Code] = (404, 2002, "symbol not found")
BAD_REQUEST: Final[Code] = (400, 2001, "invalid parameters")

LONGEST_VALID_NS: Final = 5_000_000_000
VISIBLE_NS: Final = 1_000_000_000
"""After this long, what was taken shows in every answer."""
