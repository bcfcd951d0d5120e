"""What every page of the ui has: its policy, the way to the others, and the style of the reports."""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from urllib.parse import urlencode

from runner.ui.message import Response

__all__ = ["POLICY", "REPORT_POLICY", "framed", "link", "option"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Our own files and nothing else: text that slipped through the escaping runs nothing and reaches nobody."""
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Reports are files of a run directory, which anybody may have made: they are shown as a page of nobody's, that reaches
nothing, has none of our cookies and can't read our pages."""
PLACES: Mapping[str, str] = MappingProxyType({"/": "Runs", "/launch": "Start a run", "/help": "Help"})
"""Path → its name in the navigation."""


def framed(
    title: str,
    *parts: str,
    here: str = "",
    key: str = "",
    scripts: tuple[str, ...] = (),
    status: int = 200,
    is_let_in: bool = True,
) -> Response:
    """Return a whole page; the parts are finished HTML.

    Args:
        title: Plain text, for the window.
        *parts: What stands on the page.
        here: Path of the place in the navigation that this is.
        key: The page's key, for pages that change something.
        scripts: Our own files that make it answer to the hand.
        status: Of the answer.
        is_let_in: Whether the navigation leads anywhere yet.
    """
    places = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{escape(name)}</a>' for path, name in PLACES.items()
    )
    text = "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            *([f'<meta name="runner-key" content="{escape(key)}">'] if key else []),
            f"<title>{escape(title)} · runner</title>",
            '<link rel="stylesheet" href="/static/style.css">',
            '<link rel="icon" href="data:,">',
            *(f'<script src="/static/{name}" defer></script>' for name in scripts),
            "</head>",
            "<body>",
            '<a class="skip" href="#content">Skip to the content</a>',
            *([f'<nav aria-label="Pages">{places}</nav>'] if is_let_in else []),
            '<main id="content">',
            *parts,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "DENY"}
    return Response(text.encode(errors="replace"), status=status, headers=headers)


def link(path: str, text: str, *, told: str = "", **fields: str) -> str:
    """Return a link with fields in its address; everything is escaped.

    Args:
        path: Of the page.
        text: What is shown.
        told: What is read out instead, where what is around the link tells it from others to the eye alone.
        **fields: Of the address.
    """
    query = f"?{urlencode(fields)}" if fields else ""
    label = f' aria-label="{escape(told)}"' if told else ""
    return f'<a href="{escape(path + query)}"{label}>{escape(text)}</a>'


def option(value: str, text: str, *, is_chosen: bool) -> str:
    """Return one option of a choice."""
    return f'<option value="{escape(value)}"{" selected" if is_chosen else ""}>{escape(text)}</option>'
