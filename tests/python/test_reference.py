"""The reference page is current, and every public name says what it is."""

import plastica as pl
import reference_page


def test_the_page_is_current():
    assert reference_page.PAGE.read_text() == reference_page.page()


def test_the_page_shows_every_public_name():
    shown = {name for _, names in reference_page.ORDER for name in names}
    assert shown | reference_page.LEFT_OUT == set(pl.__all__) and not shown & reference_page.LEFT_OUT


def test_every_public_name_has_a_docstring():
    silent = [name for name in pl.__all__ if name != "__version__" and not reference_page.doc(getattr(pl, name))]
    for _, names in reference_page.ORDER:
        for name in names:
            thing = getattr(pl, name)
            if isinstance(thing, type) or name == "plot":
                silent += [f"{name}.{inner}" for inner, member in reference_page.public(thing) if not reference_page.doc(member)]
    assert silent == []
