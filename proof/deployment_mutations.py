"""The deployment's checks, seen red: spoil one thing at a time, and see the named check object.

Prints Markdown; exits with an error when a mutation survives. Words after the name choose the
mutations whose text has them.
"""

import sys
from pathlib import Path

from barque.deployment.mutations import read_mutations, see_all

REPOSITORY = Path(__file__).resolve().parent.parent


def main(words: list[str]) -> None:
    """Print the table."""
    mutations = [
        one
        for one in read_mutations(REPOSITORY)
        if not words or any(word in str(one) for word in words)
    ]
    print(
        "# Mutations of the deployment\n\n"
        f"Each of {len(mutations)} mutations was planted by itself in a copy of what is deployed, "
        "and the named check was asked: the tests of one Terraform module, or the rules about one "
        "rendering, the image, the Compose files, NGINX, scaling or alerts. Before, every one of "
        "these checks was seen green.\n\n"
        "| what is wrong | where | check | what it said | seconds |\n|---|---|---|---|--:|"
    )
    survived = 0
    for one, seen in see_all(REPOSITORY, mutations):
        survived += not seen.red
        said = " ".join(seen.words.replace("|", "·").split())[:200]
        said = said if seen.red else f"**survived**: {said}"
        check = f"{one.check} {one.at}".strip()
        print(f"| {one.wrong} | `{one.file}` | {check} | {said} | {seen.seconds:.1f} |", flush=True)
        print(f"{'red' if seen.red else 'SURVIVED'}: {one.wrong}: {said}", file=sys.stderr)
    if survived:
        sys.exit(f"{survived} of {len(mutations)} mutations survived.")


if __name__ == "__main__":
    main(sys.argv[1:])
