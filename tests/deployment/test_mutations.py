"""Mutations are planted and taken out again, and a check that sees nothing is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from barque.deployment.mutations import CHECKS, read_mutations, sample, see_all, spoiler
from barque.domain.errors import BadInput


def test_the_table_is_large_and_every_row_fits_the_checkout(root: Path) -> None:
    mutations = read_mutations(root)

    assert len(mutations) >= 40
    assert len({one.wrong for one in mutations}) == len(mutations)
    for one in mutations:
        assert (root / one.file).read_text().count(one.find) == 1, one.wrong
        assert one.find != one.replace
        assert one.check in {*CHECKS, "terraform-test"}


def test_a_check_objects_to_what_is_spoilt_and_the_file_is_mended(root: Path) -> None:
    mutation = next(one for one in read_mutations(root) if one.check == "dockerfile")

    with spoiler(root) as copy:
        before = (copy.folder / mutation.file).read_text()
        seen = copy.see(mutation)
        after = (copy.folder / mutation.file).read_text()

    assert seen.red
    assert before == after == (root / mutation.file).read_text()


def test_a_mutation_that_nothing_objects_to_survives(root: Path) -> None:
    mutation = next(one for one in read_mutations(root) if one.check == "dockerfile")
    harmless = replace(mutation, replace=mutation.find)

    ((_, seen),) = see_all(root, [harmless])

    assert not seen.red
    assert seen.words == "the check found nothing wrong"


def test_a_mutation_that_does_not_fit_is_told(root: Path) -> None:
    mutation = next(one for one in read_mutations(root) if one.check == "dockerfile")

    ((_, seen),) = see_all(root, [replace(mutation, find="not there at all")])

    assert not seen.red
    assert "does not occur exactly once" in seen.words


def test_a_check_that_nobody_knows_is_refused(root: Path) -> None:
    mutation = replace(read_mutations(root)[0], check="none-such", file="deploy/docker/Dockerfile")

    with pytest.raises(BadInput, match="none-such"):
        list(see_all(root, [mutation]))


def test_a_sample_is_the_same_every_time_and_spread_over_the_table(root: Path) -> None:
    mutations = read_mutations(root)

    chosen = sample(mutations, 8)

    assert chosen == sample(mutations, 8)
    assert len(chosen) == 8
    assert len({one.check for one in chosen}) >= 4
