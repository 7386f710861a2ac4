"""The command line ``symdyn``: parse, call, print. What the commands do stands elsewhere."""

import typer

from symdyn_core.commands import data, machine, models

app = typer.Typer(
    name="symdyn",
    help="See, measure and use symmetry in deep models of fluid flow.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(data.commands, name="data")
app.command("train")(models.train)
app.command("audit")(models.audit)
app.add_typer(models.zoo_commands, name="zoo")
app.command("app")(machine.app)
app.command("info")(machine.info)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
