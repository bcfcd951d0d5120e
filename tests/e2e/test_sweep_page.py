"""The page of a sweep in a browser: nothing breaks, nothing is fetched, nothing hangs over, lanes can be brushed."""

import pytest
from accessible import faults
from browser import CHROMIUM, NO_CHROMIUM, until, window
from finished_sweeps import HOSTILE, axis, finished, sensitivity

from runner.sweeps.pages import PAGE, finished_pages

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)

AXES = {
    "hostile": [axis("signal.params.a", range(6)), axis(HOSTILE, [HOSTILE, "none"], is_choice=True)],
    "six": [axis(f"signal.params.rather_long_name_{each}", [1, 2]) for each in range(6)],
    "none": [],
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with window(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Write one page for each shape of grid."""
    found = {}
    for name, axes in AXES.items():
        folder = tmp_path_factory.mktemp(name)
        failed = [1] if axes else []
        finished_pages(folder, finished(axes, failed=failed, errors={1: HOSTILE}, sensitivity=sensitivity()))
        found[name] = folder / PAGE
    return found


@pytest.mark.parametrize(("width", "is_dark"), [(390, True), (1400, False)])
@pytest.mark.parametrize("name", AXES)
def test_a_page_is_quiet_fits_and_shuts_nobody_out(browser, pages, name, width, is_dark):
    """No error, no request but the page's own, no sideways scrolling, colours of the theme, no accessibility fault."""
    browser.open(pages[name], width=width, is_dark=is_dark)

    assert browser.complaints == []
    assert browser.requests == [pages[name].as_uri()]
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert (browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)") is is_dark
    assert faults(browser) == []


def test_dragging_along_an_axis_leaves_the_lanes_that_pass_there(browser, pages):
    """What is dragged over stays, everything else fades, and a click lets all through again."""
    browser.open(pages["hostile"], width=1400)
    browser.value("document.querySelector('svg.wide.brushed').scrollIntoView({block: 'center'})")
    box = browser.value("JSON.parse(JSON.stringify(document.querySelector('svg.wide rect.zone').getBoundingClientRect()))")
    x, top, height = box["x"] + box["width"] / 2, box["y"], box["height"]

    browser.drag(x, top + 0.9 * height, top + height - 1)

    passing = "[...document.querySelectorAll('svg.wide path.lane:not(.out)')].map((lane) => lane.dataset.at.split(' ')[0])"
    until(lambda: set(browser.value(passing)) == {"0"})
    assert browser.value("document.querySelector('#brushed').textContent").startswith("1 of 11 lanes drawn pass. Best:")

    browser.drag(x, top + 0.5 * height, top + 0.5 * height)

    until(lambda: len(browser.value(passing)) == 11)
    assert browser.complaints == []


def test_an_axis_is_brushed_with_the_keyboard(browser, pages):
    """Up begins at the lowest value and goes on, shift makes it wider, escape lets all through."""
    browser.open(pages["hostile"], width=1400)
    browser.value("document.querySelector('svg.wide rect.zone').focus()")
    values = "[...new Set([...document.querySelectorAll('svg.wide path.lane:not(.out)')].map((lane) => lane.dataset.at.split(' ')[0]))].sort().join(' ')"

    browser.press("ArrowUp")
    first = browser.value(values)
    browser.press("ArrowUp")
    second = browser.value(values)
    browser.press("ArrowUp", shift=True)
    wider = browser.value(values)
    browser.press("Escape")

    assert (first, second, wider) == ("0", "0.2", "0.2 0.4")
    assert browser.value(values) == "0 0.2 0.4 0.6 0.8 1"


def test_tables_of_the_maps_open_with_the_keyboard(browser, pages):
    """Whoever uses no pointer reads the values of a map in a table."""
    browser.open(pages["six"], width=390)
    browser.value("document.querySelector('details summary').focus()")

    browser.press("Enter")

    assert browser.value("document.querySelectorAll('details table td').length") > 0


def test_a_printed_page_is_light(browser, pages):
    """Paper is white, also from a dark screen."""
    browser.open(pages["six"], width=1000, is_dark=True, medium="print")

    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
