"""What every page is: one HTML document that needs no network, no script and no other file.

A content security policy forbids everything but the page's own styles, should anything slip through the escaping.
"""

from html import escape

from runner.report.style import STYLE

__all__ = ["document"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def document(title: str, *parts: str, style: str = "") -> str:
    """Return a whole page; the parts are finished HTML.

    Args:
        title: Plain text, for the window and the bookmark.
        *parts: What stands on the page, from the top down.
        style: Rules of this page, after those that all pages have.
    """
    head = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}{style}</style>",
        "</head>",
        "<body>",
        "<main>",
    ]
    return "\n".join([*head, *parts, "</main>", "</body>", "</html>", ""])
