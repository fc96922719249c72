"""`barque deploy balance` and `assets`: the way in, on this machine and in a bucket."""

from pathlib import Path
from typing import Annotated

import typer

from barque.cli.options import Json

Pages = Annotated[
    list[str],
    typer.Option("--to", metavar="HOST:PORT", help="A page that serves; may be repeated."),
]
Canaries = Annotated[
    list[str],
    typer.Option("--canary", metavar="HOST:PORT", help="A page that only a few visitors get."),
]
Weight = Annotated[
    int, typer.Option("--canary-weight", min=0, max=50, help="How many of a hundred visitors.")
]
Port = Annotated[
    int, typer.Option("--port", min=1, max=65_535, help="Where visitors come in, on loopback.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="Write the files below this folder.")
]


def balance(to: Pages, canary: Canaries = [], canary_weight: Weight = 0, port: Port = 8080) -> None:  # noqa: B006 # typer copies it
    """Run NGINX in front of pages, by the rules of the load balancer on AWS, until stopped.

    It asks every page whether it is ready, warms new ones up, lets old ones finish, and sends a
    share of the visitors to canaries.
    """
    import asyncio
    import contextlib

    from barque.deployment.check import repository
    from barque.deployment.edge.balancer import Balancer, upstream
    from barque.deployment.edge.load_balancing import Targets
    from barque.deployment.edge.nginx import running

    nobody_yet = upstream(dict.fromkeys([*to, *canary], 1))
    with running(repository(), port, nobody_yet) as nginx, contextlib.suppress(KeyboardInterrupt):
        balancer = Balancer(Targets(canary_weight=canary_weight), nginx.tell)
        for address in (*to, *canary):
            balancer.join(address, canary=address in canary)
        print(f"{nginx.url}/ leads to {', '.join([*to, *canary])}. Ctrl-C ends it.", flush=True)
        asyncio.run(balancer.keep())


def assets(out: Out, as_json: Json = False) -> None:
    """Write the page's files as the bucket of the CDN holds them: each under its content's name.

    Copy them before a release is rolled out, and leave the old ones: pages that are open name them.
    """
    import shutil

    from barque.cli.console import print_json
    from barque.service.assets import FOR_EVER, Assets

    page = Assets()
    for name, source in page.paths().items():
        place = out / page.address / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    if as_json:
        print_json({"address": page.address, "files": list(page.paths()), "cache": FOR_EVER})
    else:
        print(f"{len(page.paths())} files are in {out / page.address}. Copy them with:")
        print(f"aws s3 sync {out} s3://BUCKET --cache-control '{FOR_EVER}'")
