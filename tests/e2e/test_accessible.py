"""The search for what shuts people out finds it: the clean verdict of the other tests would be worth nothing otherwise."""

import pytest
from accessible import faults
from browser import CHROMIUM, NO_CHROMIUM, window

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)

PAGE = """<!DOCTYPE html><html lang="en"><head><title>t</title></head><body><main><h1>Heading</h1>{}</main></body></html>"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with window(tmp_path_factory.mktemp("profile")) as found:
        yield found


def found(browser, tmp_path, text):
    path = tmp_path / "page.html"
    path.write_text(text)
    browser.open(path, width=800)
    return faults(browser)


def test_a_sound_page_has_none(browser, tmp_path):
    """Links, buttons, fields, tables and images that are as they should be pass."""
    sound = """<a href="#x" id="x">a link</a> <button>press</button> <label>name <input></label>
      <table><caption>t</caption><tr><th scope="row">a</th><td>1</td></tr></table>
      <svg role="img" aria-label="a drawing" width="50" height="50"><text x="5" y="20">7</text></svg>
      <h2>More</h2><ul><li>one</li></ul>"""

    assert found(browser, tmp_path, PAGE.format(sound)) == []


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<input>", "label: "),
        ("<button></button>", "button-name: "),
        ("<h3>deep</h3>", "heading-order: "),
        ('<p aria-labelledby="nowhere">x</p>', "aria-valid-attr-value: "),  # one of those that axe can't tell
        ('<p style="color:#999">pale</p>', "color-contrast: Element has insufficient color contrast of 2.84"),
        ('<div tabindex="0">words</div>', "focus-order-semantics: "),  # one of those that it calls experimental
        ('<button style="width:9px;height:9px;padding:0;border:0" aria-label="x"></button>' * 2, "target-size: "),
        ("<table><caption>t</caption><tr><th>a</th><td>1</td></tr></table>", "no scope"),
        ("<table><tr><td>a</td></tr></table>", "no caption"),
        ('<svg role="img" aria-label="d"><text y="20" fill="#bbb">pale</text></svg>', "contrast 1.92 of “pale”"),
        ('<svg role="img" aria-label="d"><text y="20" fill="#000"><tspan fill="#0008">pale</tspan></text></svg>', "contrast 4.48"),
        ('<button style="outline:none">unseen</button>', "focus can't be seen"),
        ('<div style="display:flex;flex-direction:row-reverse"><button>b</button></div><div tabindex="0"'
         ' onfocus="document.querySelector(\'button\').focus()">trap</div><a href="#">out</a>', "the tabulator goes"),
    ],
)  # fmt: skip
def test_each_sort_of_fault_is_found(browser, tmp_path, inside, told):
    """One thing is wrong with each page, and it is said."""
    faults_found = found(browser, tmp_path, PAGE.format(inside))

    assert any(told in each for each in faults_found), faults_found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PAGE.replace(' lang="en"', ""), "html-has-lang: "),
        (PAGE.replace("<title>t</title>", ""), "document-title: "),
        (PAGE.replace("<main>", "").replace("</main>", ""), "landmark-one-main: "),
    ],
)
def test_what_a_whole_page_lacks_is_found(browser, tmp_path, text, told):
    """Language, title and main landmark are asked of every page."""
    assert any(told in each for each in found(browser, tmp_path, text.format("")))
