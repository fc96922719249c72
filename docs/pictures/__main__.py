"""Write every picture of the guides anew: `python -m docs.pictures`."""

import sys

from docs.pictures.gallery import FOLDER, everything


def main() -> None:
    """Write all pictures; one that is not made any more is removed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = dict(everything())
    for file in FOLDER.glob("*.svg"):
        if file.stem not in made:
            file.unlink()
    for name, drawn in made.items():
        (FOLDER / f"{name}.svg").write_text(drawn)
    print(f"{len(made)} pictures in {FOLDER}", file=sys.stderr)


if __name__ == "__main__":
    main()
