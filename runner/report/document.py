"""What every page is: one HTML document that needs no network and no other file, and, but for a few, no script.

A content security policy forbids everything but the page's own styles, should anything slip through the escaping. A page
that has a script allows that one text by its SHA-256, and no other: neither one that slipped in nor an attribute that acts.
"""

import hashlib
from base64 import b64encode
from html import escape

from runner.report.style import STYLE

__all__ = ["document"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def document(title: str, *parts: str, style: str = "", script: str = "") -> str:
    """Return a whole page; the parts are finished HTML.

    Args:
        title: Plain text, for the window and the bookmark.
        *parts: What stands on the page, from the top down.
        style: Rules of this page, after those that all pages have.
        script: What makes this page answer to the hand; it stands last and reads nothing but the page. Written by us: text
            from outside goes into the page, escaped, and never in here.
    """
    allowed = f"; script-src 'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" if script else ""
    head = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}{allowed}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}{style}</style>",
        "</head>",
        "<body>",
        "<main>",
    ]
    ending = ["</main>", *([f"<script>{script}</script>"] if script else []), "</body>", "</html>", ""]
    return "\n".join([*head, *parts, *ending])
