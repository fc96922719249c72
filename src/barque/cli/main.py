"""The command `barque` and all its subcommands.

Only what the help text needs is imported here; each command imports what it does when it runs.
"""

import typer

from barque.cli import (
    backtest,
    data,
    download,
    health,
    machine,
    paper,
    strategy,
    sweep,
    up,
    verify,
    views,
)
from barque.cli.deployment import check as deployment_check
from barque.cli.deployment import cost as deployment_cost
from barque.cli.deployment import design as deployment_design
from barque.cli.deployment import edge as deployment_edge
from barque.cli.deployment import plan as deployment_plan
from barque.cli.deployment import scaling as deployment_scaling
from barque.cli.deployment import stack as deployment_stack
from barque.cli.door import Door
from barque.cli.sections import Sectioned

app = typer.Typer(
    cls=Door,
    help="Barque: learn signals from market data, test them honestly, trade them.",
    epilog="Exit codes: 0 yes, 1 no, 2 bad input, 3 not ready, 4 cannot continue, 130 interrupted.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_help(context: typer.Context) -> None:
    """Show what there is when nothing was asked for."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def _group(name: str, about: str, *commands: tuple[str, object]) -> None:
    group = typer.Typer(help=about, rich_markup_mode=None)
    group.callback(invoke_without_command=True)(_show_help)
    for command, function in commands:
        group.command(command, cls=Sectioned)(function)  # type: ignore[type-var] # functions of any signature
    app.add_typer(group, name=name, help=about)


app.callback(invoke_without_command=True)(_show_help)
app.command("up")(up.up)
app.command("run")(up.run)
_group(
    "data",
    "Bring market data into the catalog, and see what it holds.",
    ("import", data.import_data),
    ("download", download.download_data),
    ("list", data.list_data),
    ("check", health.check_data),
    ("prices", views.prices),
    ("universe", views.universe),
)
_group(
    "backtest",
    "Ask the past what a strategy would have done.",
    ("run", backtest.run),
    ("show", backtest.show),
    ("compare", backtest.compare),
    ("export", backtest.export),
)
_group(
    "sweep",
    "Try a strategy with many parameters, and see which of them hold.",
    ("run", sweep.run),
    ("show", sweep.show),
)
_group(
    "strategy",
    "See the strategies that come with Barque, and begin your own.",
    ("list", strategy.list_all),
    ("new", strategy.new),
)
_group("paper", "See how the paper account stands.", ("status", paper.status))
_group(
    "verify",
    "Prove what Barque promises, on your own data.",
    ("parity", verify.parity),
    ("determinism", verify.determinism),
    ("lookahead", verify.lookahead),
)
_group(
    "deploy",
    "Design, check and run the deployment; from a checkout.",
    ("check", deployment_check.check),
    ("render", deployment_check.render),
    ("plan", deployment_plan.plan),
    ("graph", deployment_design.graph),
    ("cost", deployment_cost.cost),
    ("optimize", deployment_cost.optimize),
    ("scale-sim", deployment_scaling.scale_sim),
    ("balance", deployment_edge.balance),
    ("assets", deployment_edge.assets),
    ("up", deployment_stack.up),
    ("status", deployment_stack.status),
    ("doctor", deployment_stack.doctor),
    ("down", deployment_stack.down),
)
app.command("doctor")(machine.doctor)
app.command("version")(machine.version)


def main() -> None:
    """Be the command `barque`."""
    app(prog_name="barque")
