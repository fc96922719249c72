"""Help in sections: options stand under the name of the group they belong to."""

from collections import defaultdict
from typing import Any

from typer.core import TyperCommand

GENERAL = "Options"


class Sectioned(TyperCommand):
    """A command whose --help shows the options of each `rich_help_panel` together."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, then options without a group, then each group."""
        sections: dict[str, list[tuple[str, str]]] = defaultdict(
            list, {"Arguments": [], GENERAL: []}
        )
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx)
            if record is None:
                continue
            general = "Arguments" if one.param_type_name == "argument" else GENERAL
            sections[getattr(one, "rich_help_panel", None) or general].append(record)
        for name, records in sections.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)
