"""`barque deploy check` and `render`: whether the deployment is what the design says."""

from typing import Annotated

import typer

from barque.cli.options import Json

Only = Annotated[list[str], typer.Option(help="Run only the checks of these names.")]


def check(
    only: Only = [],  # noqa: B006 # typer's own word for none
    as_json: Json = False,
) -> None:
    """Check everything that can be checked without an account at AWS."""
    from barque.cli.console import print_json, print_table, shown_progress
    from barque.cli.exit_codes import ExitCode
    from barque.deployment.check import HOW_TO_GET, Outcome, repository, run_checks
    from barque.deployment.checks import CHECKS
    from barque.domain.errors import UnknownName
    from barque.settings import read_settings

    known = [one.name for one in CHECKS]
    for name in only:
        if name not in known:
            raise UnknownName("check", name, known, "barque deploy check")
    chosen = [one for one in CHECKS if not only or one.name in only]
    with shown_progress() as progress:

        def told(outcome: Outcome, done: int, total: int) -> None:
            progress("checks", done, total)

        place = read_settings().cache / "deploy-checks"
        outcomes = run_checks(chosen, repository(), place, told)
    if as_json:
        print_json({"checks": outcomes})
    else:
        words = {one.name: one.words for one in CHECKS}
        verdict = {True: " (as before)", False: ""}
        print_table(
            ("check", "what it says", "verdict", "s"),
            [
                (one.name, words[one.name], one.verdict + verdict[one.cached], f"{one.seconds:.1f}")
                for one in outcomes
            ],
            1,
        )
        for outcome in outcomes:
            for finding in outcome.findings:
                print(f"\n{outcome.name}: {finding.where}\n  {finding.words}")
            for program in outcome.missing:
                print(f"\n{outcome.name}: skipped, {program} is missing. {HOW_TO_GET[program]}")
    if any(one.verdict == "failed" for one in outcomes):
        raise typer.Exit(ExitCode.NO)


def render(as_json: Json = False) -> None:
    """Write what is generated from the design anew."""
    from barque.cli.console import print_json
    from barque.deployment.check import repository
    from barque.deployment.render import render as render_all

    written = render_all(repository())
    if as_json:
        print_json({"written": written})
    else:
        print("\n".join(written) or "Everything generated is as the design says.")
