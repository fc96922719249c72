"""Spoils one line of Terraform's modules at a time, and prints which of their tests saw it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.system.deployment.terraform_mutations import MUTATIONS, is_red, tried  # noqa: E402

from barque.deployment.terraform_workspace import workspace  # noqa: E402


def main() -> int:
    """Print the table; return how many mutations no test saw."""
    with workspace(ROOT) as scratch:
        red = {name: is_red(answer) for name, answer in tried(scratch, MUTATIONS)}
    print("# Mistakes planted in Terraform\n")
    print("Made by `make proof`. Each is one line of a module, spoilt in a copy; the tests of that")
    print("module are run by the real Terraform, and an assertion of theirs must fail.\n")
    print("| module | mistake | seen |\n|---|---|---|")
    for one in MUTATIONS:
        print(f"| {one.module} | {one.words} | {'red' if red[one.name] else '**NOT SEEN**'} |")
    print(f"\n{sum(red.values())} of {len(red)} were seen.")
    return sum(not one for one in red.values())


if __name__ == "__main__":
    sys.exit(min(main(), 1))
