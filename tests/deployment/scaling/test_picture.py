"""The picture is well formed, holds no network and stays small."""

from pathlib import Path
from xml.etree import ElementTree

from barque.deployment.scaling.picture import picture
from barque.deployment.scaling.simulator import simulate_role
from barque.deployment.scaling.traces import TRACES

ROOT = Path(__file__).resolve().parents[3]


def test_the_picture_is_one_small_svg_of_its_own() -> None:
    text = picture([simulate_role(ROOT, "api", "prod", trace) for trace in TRACES.values()])

    tree = ElementTree.fromstring(text)

    assert tree.tag.endswith("svg")
    assert text.count("http") == 1  # the name of the language itself
    assert len(text) < 200_000
    assert len(tree.findall(".//{*}polyline")) == 5 * len(TRACES)
