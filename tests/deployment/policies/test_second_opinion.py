"""What checkov says is answered skip by skip, and a skip that answers nothing is found."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.deployment.check import Finding
from barque.deployment.policies.checkov import Objection, Opinion
from barque.deployment.policies.second_opinion import (
    KINDS,
    SKIPS,
    Skip,
    Skips,
    covers,
    miscounted,
    objections_left,
    read_skips,
    second_opinion_page,
    wrong_skips,
)
from barque.deployment.policies.table import NAMES
from barque.domain.errors import BadInput

BUCKET = Objection("CKV_AWS_1", "prod", 'module.lake["a"].aws_s3_bucket.this', "Lock the bucket")
QUEUE = Objection("CKV_AWS_2", "dev", "module.mail.aws_sqs_queue.this", "Encrypt the queue")
WHY = "Nothing that is kept there is worth a lock of its own."
SKIP = Skip(id="CKV_AWS_1", about="a lock", because="accepted", why=WHY)
NONE = Opinion(
    known=frozenset({"CKV_AWS_1", "CKV_AWS_2", "CKV_AWS_3"}),
    asked={"terraform": frozenset({"CKV_AWS_1", "CKV_AWS_2"})},
    objections={"terraform": ()},
    silenced={"terraform": ()},
    unread=(),
)
SAID = replace(NONE, objections={"terraform": (BUCKET, QUEUE)})
IDS = st.sampled_from(["CKV_AWS_1", "CKV_AWS_2", "CKV_AWS_3"])
PLACES = st.sampled_from(["dev", "prod"])
NAMED = st.sampled_from(["module.a.aws_sqs_queue.b", "module.a.aws_s3_bucket.b"])


def skips(*those: Skip) -> Skips:
    return Skips(asked={"terraform": 2}, terraform=those)


def wrong(skip: Skip, said: Opinion = SAID) -> list[str]:
    return [one.words for one in wrong_skips(said, skips(skip), {"buckets-locked"})]


def changed(skip: Skip, **changes: object) -> Skip:
    values = {name: getattr(skip, name) for name in Skip.__struct_fields__}
    return Skip(**{**values, **changes})


def test_what_nobody_skipped_is_left() -> None:
    left = list(objections_left(SAID, skips(SKIP)))

    assert [one.where for one in left] == ["dev: module.mail.aws_sqs_queue.this"]
    assert left[0].words.startswith("CKV_AWS_2: Encrypt the queue. Mend it, or say in")


def test_a_skip_of_one_environment_leaves_the_others() -> None:
    assert not covers(changed(SKIP, where=("dev",)), BUCKET)
    assert covers(changed(SKIP, where=("dev", "prod")), BUCKET)


def test_a_skip_of_some_resources_leaves_the_others() -> None:
    assert not covers(changed(SKIP, only=("module.logs*",)), BUCKET)
    assert covers(changed(SKIP, only=("module.logs*", "module.lake*.aws_s3_bucket.*")), BUCKET)


@given(st.lists(st.builds(Objection, IDS, PLACES, NAMED, st.just("words"))), IDS, PLACES)
def test_an_objection_is_either_skipped_or_left(
    objections: list[Objection], id_: str, place: str
) -> None:
    skip = changed(SKIP, id=id_, where=(place,))
    said = replace(NONE, objections={"terraform": objections})

    left = list(objections_left(said, skips(skip)))

    skipped = [one for one in objections if one.id == id_ and one.where == place]
    assert len(left) + len(skipped) == len(objections)


def test_what_cannot_be_read_is_found() -> None:
    left = list(objections_left(replace(NONE, unread=("prod",)), skips()))

    assert [one.where for one in left] == ["prod"]


def test_what_is_silenced_in_its_own_file_is_found() -> None:
    left = list(objections_left(replace(NONE, silenced={"terraform": (QUEUE,)}), skips()))

    assert "CKV_AWS_2 is silenced there, where nobody looks" in left[0].words


def test_a_skip_that_is_used_and_justified_is_right() -> None:
    assert wrong(SKIP) == []
    assert wrong(changed(SKIP, because="covered", covered_by="buckets-locked")) == []


@pytest.mark.parametrize(
    ("skip", "words"),
    [
        (changed(SKIP, id="CKV_AWS_9"), "checkov knows no such law"),
        (changed(SKIP, id="CKV_AWS_3"), "it skips nothing any more"),
        (changed(SKIP, where=("dev",)), "it skips nothing any more"),
        (changed(SKIP, where=("dev", "prod")), "it skips nothing in dev any more"),
        (changed(SKIP, only=("*bucket*", "*queue*")), "nothing called *queue* any more"),
        (changed(SKIP, why=""), "say why in a sentence"),
        (changed(SKIP, why="It is fine so."), "say why in a sentence"),
        (changed(SKIP, why=WHY.rstrip(".")), "say why in a sentence"),
        (changed(SKIP, about=""), "say what it is about"),
        (changed(SKIP, because="covered"), "`covered_by` names our policy"),
        (changed(SKIP, covered_by="buckets-locked"), "`covered_by` names our policy"),
        (changed(SKIP, because="covered", covered_by="gone"), "we have no policy gone"),
    ],
)
def test_a_skip_that_is_wrong_is_found(skip: Skip, words: str) -> None:
    found = wrong(skip)

    assert len(found) == 1
    assert words in found[0]


def test_another_number_of_laws_than_the_page_says_is_found() -> None:
    assert list(miscounted(NONE, skips())) == []

    found = list(miscounted(replace(NONE, asked={"terraform": frozenset({"CKV_AWS_1"})}), skips()))

    assert found == [
        Finding(
            str(SKIPS),
            "terraform: checkov asks 1 laws about the plan of every environment: say so under "
            "[asked].",
        )
    ]


@pytest.mark.parametrize("text", ["[asked", "[asked]\n[[terraform]]\nid = 'A'", "[unasked]"])
def test_a_file_of_skips_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    place = tmp_path / SKIPS
    place.parent.mkdir(parents=True)
    place.write_text(text)

    with pytest.raises(BadInput, match=r"checkov\.toml cannot be used"):
        read_skips(tmp_path)


def test_the_page_lists_every_skip_with_its_reason(root: Path) -> None:
    written = read_skips(root)

    page = "\n".join(second_opinion_page(root)).replace("\\|", "|")

    for kind in KINDS:
        for one in written.of(kind):
            assert f"| {one.id} | {one.about} |" in page
            assert one.why in page


def test_our_own_skips_name_policies_that_we_have(root: Path) -> None:
    written = read_skips(root)

    named = {one.covered_by for kind in KINDS for one in written.of(kind)} - {""}

    assert named <= NAMES
    assert named
