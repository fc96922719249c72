"""What is generated is what the design says, and a difference is shown."""

from pathlib import Path

from barque.deployment.render import differences, render, rendered


def test_the_checkout_holds_what_would_be_generated(root: Path) -> None:
    assert differences(root) == []


def test_a_generated_file_says_so(root: Path) -> None:
    texts = rendered(root)

    assert texts
    assert all("do not edit" in text for text in texts.values())


def test_a_changed_file_is_found_and_written_anew(copy: Path) -> None:
    changed = next(iter(rendered(copy)))
    (copy / changed).write_text("by hand")

    found = differences(copy)

    assert [one.where for one in found] == [changed]
    assert render(copy) == [changed]
    assert differences(copy) == []
