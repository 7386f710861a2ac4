"""The command line ``symdyn``: parse, call, print. What the commands do stands elsewhere."""

import sys
from collections.abc import Sequence

import typer

from symdyn_core.commands import app as dashboard
from symdyn_core.commands import audit, bench, data, machine, models, zoo
from symdyn_core.commands.reporting import report_error

app = typer.Typer(
    name="symdyn",
    help="See, measure and use symmetry in deep models of fluid flow.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(data.commands, name="data")
app.command("train")(models.train)
app.command("audit")(audit.audit)
app.add_typer(zoo.commands, name="zoo")
app.add_typer(bench.commands, name="bench")
app.command("app")(dashboard.app)
app.command("info")(machine.info)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script: leaves with the exit code of the command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(args=given, standalone_mode=False)
    except Exception as error:
        # Errors of usage come from the parser, whose own classes typer keeps private.
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{message()}\n")
        else:
            report_error(message(), as_json="--json" in given)
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
