"""`barque deploy graph`: the architecture as a drawing."""

from pathlib import Path
from typing import Annotated

import typer

from barque.cli.options import Json

Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the SVG here.")]
EnvironmentName = Annotated[
    str | None, typer.Option("--env", metavar="ENV", help="Show the sizes of an environment.")
]


def graph(env: EnvironmentName = None, out: Out = None, as_json: Json = False) -> None:
    """Draw the architecture (SVG), or answer with its parts and edges."""
    from barque.cli.console import print_json
    from barque.deployment.barque_on_aws import BARQUE
    from barque.deployment.graph import draw
    from barque.domain.errors import UnknownName

    known = {one.name: one for one in BARQUE.environments}
    if env is not None and env not in known:
        raise UnknownName("environment", env, known, "barque deploy plan")
    if as_json:
        opened = BARQUE.open_edges()
        edges = [{"edge": one, "open": one in opened} for one in BARQUE.edges]
        print_json({"parts": BARQUE.parts, "edges": edges, "data": BARQUE.data})
        return
    drawing = draw(BARQUE, known[env] if env else None)
    if out is None:
        print(drawing, end="")
    else:
        out.write_text(drawing)
        print(f"The drawing is {out}.")
