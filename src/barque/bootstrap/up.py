"""Everything in one process: the trader and the page, from nothing to a trading paper account."""

from collections.abc import Callable
from dataclasses import replace

from barque.bootstrap.demonstration import DEMONSTRATION, Demonstration
from barque.bootstrap.home import Home
from barque.bootstrap.options import Options
from barque.bootstrap.serving import serve_page
from barque.bootstrap.together import stop_on_signals, together, watch_until
from barque.bootstrap.trading import Report, Trader
from barque.telemetry import Log, Metrics


async def up(
    home: Home,
    options: Options,
    report: Report,
    announce: Callable[[str], None],
    log: Log,
    demo: Demonstration = DEMONSTRATION,
) -> None:
    """Bring everything up and keep it running until it is asked to stop (SIGINT, SIGTERM).

    `announce` hears the address of the page, which answers from the beginning on.
    """
    stop, metrics = stop_on_signals(), Metrics()
    if options.terms is not None:
        demo = replace(demo, terms=options.terms)
    trader = Trader(home, options.sample, options.pace, report, metrics, log, demo)
    page = serve_page(home, options.doors, metrics, log, stop, announce)
    await together(trader.run(stop), page, watch_until(stop, metrics, home))
