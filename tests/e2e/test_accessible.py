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
        ("<input>", "a textbox has no name"),
        ("<button></button>", "a button has no name"),
        ('<a href="#"><span></span></a>', "a link has no name"),
        ('<img src="data:," width="9" height="9">', "has no name"),
        ("<h3>deep</h3>", "skips a level"),
        ("<h1>again</h1>", "one first heading"),
        ('<p id="a">x</p><p id="a">y</p>', "used twice"),
        ('<p aria-labelledby="nowhere">x</p>', "leads nowhere"),
        ("<table><caption>t</caption><tr><th>a</th></tr></table>", "no scope"),
        ("<table><tr><td>a</td></tr></table>", "no caption"),
        ('<button tabindex="3">x</button>', "a positive tabindex"),
        ('<div aria-hidden="true"><button>press me</button></div>', "focusable is hidden"),
        ("<ul><p>x</p></ul>", "no item"),
        ('<p style="color:#999">pale</p>', "contrast 2.85"),
        ('<p style="color:#fff8;background:#000">pale</p>', "") ,
        ('<svg role="img" aria-label="d"><text y="20" fill="#bbb">pale</text></svg>', "contrast"),
        ('<button style="width:9px;height:9px;padding:0;border:0" aria-label="x"></button>', "a target of 9 by 9"),
        ('<div style="overflow:auto;width:50px;white-space:nowrap">a very long line of words</div>', "can't be focused"),
        ('<button style="outline:none">unseen</button>', "focus can't be seen"),
        ('<div style="display:flex;flex-direction:row-reverse"><button>b</button></div><div tabindex="0"'
         ' onfocus="document.querySelector(\'button\').focus()">trap</div><a href="#">out</a>', "the tabulator goes"),
    ],
)  # fmt: skip
def test_each_sort_of_fault_is_found(browser, tmp_path, inside, told):
    """One thing is wrong with each page, and it is said."""
    faults_found = found(browser, tmp_path, PAGE.format(inside))

    assert any(told in each for each in faults_found) if told else faults_found == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PAGE.replace(' lang="en"', ""), "no language"),
        (PAGE.replace("<title>t</title>", ""), "no title"),
        (PAGE.replace("<main>", "").replace("</main>", ""), "one main landmark"),
    ],
)
def test_what_a_whole_page_lacks_is_found(browser, tmp_path, text, told):
    """Language, title and main landmark are asked of every page."""
    assert any(told in each for each in found(browser, tmp_path, text.format("")))
