"""The command line as tests run it, and small models for it to find."""

from typer.testing import CliRunner

from symdyn_core.cli import app
from symdyn_core.models import ForecasterSpec, ResNet, zoo

RUNNER = CliRunner()


def run(*arguments):
    """(exit code, standard output, standard error)."""
    result = RUNNER.invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def save_small_models(*kits, past, **about):
    """``rbc-resnet-<kit>`` for each kit in the zoo, untrained, with ``about`` on their cards."""
    for kit in kits:
        spec = ForecasterSpec(ResNet, kit, past, 2, (1,))
        forecaster = spec.build()
        for parameter in forecaster.parameters():
            parameter.data.add_(0.1)
        card = {"architecture": "ResNet", "symmetry": kit.name, **about}
        zoo.save_model(f"rbc-resnet-{kit.name}", forecaster, spec, card)
