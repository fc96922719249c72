"""The pictures of the guides are what the engine does today."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from docs.pictures.gallery import FOLDER, everything

GUIDES = FOLDER.parent
SHOWN = [
    name
    for guide in sorted(GUIDES.glob("*.md"))
    for name in re.findall(r"!\[[^\]]+\]\(pictures/([\w-]+)\.svg\)", guide.read_text())
]


@pytest.fixture(scope="module")
def made():
    return dict(everything())


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.svg")))
def test_a_picture_is_what_the_engine_does(made, name) -> None:
    assert (FOLDER / f"{name}.svg").read_text() == made[name], "run python -m docs.pictures"


def test_every_picture_is_made_and_shown_once(made) -> None:
    kept = sorted(file.stem for file in FOLDER.glob("*.svg"))

    assert kept == sorted(made)
    assert kept == sorted(SHOWN)


def test_pictures_stand_alone_in_light_and_dark_and_say_what_they_show(made) -> None:
    for name, drawn in made.items():
        root = ElementTree.fromstring(drawn)

        assert root.attrib["aria-label"], name
        assert "prefers-color-scheme: dark" in drawn, name
        assert not re.search(r"(?:href|src|url)\s*[=(]", drawn), f"{name} needs another file"


def test_no_words_of_a_picture_leave_it(made) -> None:
    """A letter of the widest usual font is 6 wide on average, a small one 5.5."""
    for name, drawn in made.items():
        for words in re.findall(r'<text x="([-\d.]+)" y="[-\d.]+"([^>]*)>([^<]*)</text>', drawn):
            x, attributes, text = float(words[0]), words[1], words[2]
            is_small = "small" in attributes or "name" in attributes
            width = (5.5 if is_small else 6.0) * len(unescape(text))
            left = x - {"middle": width / 2, "end": width}.get(_anchor(attributes), 0.0)

            if "title" not in attributes:
                assert left > -6, f"{name}: {text}"
                assert left + width < 766, f"{name}: {text}"


def _anchor(attributes: str) -> str:
    found = re.search(r'text-anchor="(\w+)"', attributes)
    return found[1] if found else "start"
