"""What can be chosen on the page of audits."""

import panel as pn
import panel_material_ui as pmui

from symdyn_core.symmetries import ALL

from .. import catalogue
from .figures import COLOURS
from .sizes import letters


def choices(settings, downloads: list):
    """The line of controls over the figures."""
    symmetry = pmui.Select.from_param(
        settings.param.symmetry, label="Symmetry", options={s.title: s.name for s in ALL},
        size="small", **letters(13.75),
    )  # fmt: skip
    samples = pmui.IntSlider.from_param(settings.param.samples, label="Windows", **letters(7.5))
    dial = pmui.Switch.from_param(settings.param.dial, label="Dial")
    whose = pmui.RadioButtonGroup.from_param(
        settings.param.inside, label="", options={"Layers of A": "a", "Layers of B": "b"},
        size="small", **letters(13),
    )  # fmt: skip
    parts = [symmetry, _others(settings), samples, dial, whose, *downloads]
    return pn.FlexBox(*parts, align_items="center", gap="8px 14px")


def _others(settings):
    """Further models beside A and B, in step with the settings in both directions."""
    titles = {model.title: model.name for model in catalogue.models()}
    others = pmui.MultiChoice(
        label="Further models", options=titles, value=names_in(settings.others),
        max_items=len(COLOURS) - 2, **letters(13),
    )  # fmt: skip
    others.param.watch(lambda event: settings.param.update(others=",".join(event.new)), "value")

    def follow(event) -> None:
        if names_in(event.new) != others.value:
            others.value = names_in(event.new)

    settings.param.watch(follow, "others")
    return others


def names_in(text: str) -> list[str]:
    """The models of a list separated by commas that there are, each once."""
    known = {model.name for model in catalogue.models()}
    return [name for name in dict.fromkeys(text.split(",")) if name in known]
