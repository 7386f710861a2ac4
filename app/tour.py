"""The tour of a first lecture: seven views, each with what to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import param

from . import elements
from .glossary import hover

if TYPE_CHECKING:
    from .state import AppState


@dataclass(frozen=True)
class Step:
    """One view of the tour.

    Attributes:
        text: two sentences, as HTML.
        marks: CSS selectors of what is meant; the first of each tuple that is seen is marked.
        links: the chain of transformations.
        changes: of the state, from its start.
        settings: of the page, from their defaults.
    """

    title: str
    text: str
    marks: tuple[tuple[str, ...], ...]
    page: str = "explore"
    links: elements.Links = (("rotation", (0.0,)),)
    changes: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


STEPS: tuple[Step, ...] = (
    Step(
        "A flow and two forecasts",
        f"On the left is the flow now and, beside it, the {hover('truth')} of the next moment; on "
        "the right two neural networks, A and B, forecast that moment. Press Play: both run "
        "ahead on their own, and the maps below show where each one errs.",
        (("figure.truth",), ("figure.a",), ("figure.b",), ("figure.error_a",), ("figure.error_b",)),
    ),
    Step(
        "Turn the flow",
        f"The whole flow is turned by 90°: physics does not mind, that is a {hover('symmetry')}. "
        "The sentence on top says whether each forecast turns along: A is "
        f"{hover('equivariant')}, built to do so, and B an {hover('ordinary network')}.",
        ((".story",), (".tour-sliders", ".story")),
        links=(("rotation", (90.0,)),),
    ),
    Step(
        "An angle in between",
        f"At 37° look at the maps of {hover('broken symmetry')}: how far the forecast of the "
        "turned flow is from the turned forecast, white where both agree. Drag the angle slowly: "
        "which of the two maps stays paler?",
        (("figure.error_a",), ("figure.error_b",), (".tour-sliders",)),
        links=(("rotation", (37.0,)),),
        changes={"maps": "asymmetry", "lead": 3},
    ),
    Step(
        "Both ways round",
        f"This is the {hover('commuting square')}: turn and then forecast, or forecast and then "
        "turn. Where both ways meet in the same picture nothing is left of their difference, the "
        "last picture of each square.",
        (("figure.gap_a",), ("figure.gap_b",)),
        links=(("rotation", (90.0,)),),
        changes={"view": "square"},
    ),
    Step(
        "A stronger flow",
        f"Now every velocity is doubled, the symmetry of {hover('magnitude')}, and A is a network "
        "built for that. Choose another symmetry on the left, such as a "
        f"{hover('boost')}, and see who follows.",
        ((".story",), (".tour-symmetry", ".story")),
        links=(("magnitude", (2.0,)),),
    ),
    Step(
        "How errors grow",
        f"Each forecast is the input of the next ({hover('rollout')}), so errors grow with the "
        f"{hover('lead')}: compare A and B with the dashed line of {hover('persistence')}. The "
        f"{hover('energy spectrum')} shows which sizes of eddies a forecast loses.",
        (('[aria-label^="Kinetic energy"]',), ('[aria-label^="RMSE"]',)),
        page="spectra",
        links=(("rotation", (90.0,)),),
        changes={"lead": 10},
    ),
    Step(
        "Where does it fail worst?",
        f"The dial shows the {hover('equivariance error')} at every angle: the farther out, the "
        "worse. The sentence names the worst angle of each network; click a point to see that "
        "very flow.",
        ((".tour-worst",), ('[aria-label^="Equivariance error"]',)),
        page="audit",
        settings={"symmetry": "rotation", "dial": True, "others": ""},
    ),
)


def show(state: "AppState", settings: Mapping[str, param.Parameterized], number: int) -> None:
    """Bring state and pages to a step, counted from 1; 0 leaves the tour where it is.

    Raises:
        ValueError: there is no such step.
    """
    if not 0 <= number <= len(STEPS):
        raise ValueError(f"The tour has steps 1 to {len(STEPS)}, got {number}.")
    if number:
        step = STEPS[number - 1]
        of_page = settings.get(step.page, state)
        # Nobody is told before all is set: the address gets one entry for a step.
        with (
            param.parameterized.batch_call_watchers(of_page),
            param.parameterized.batch_call_watchers(state),
        ):
            if step.settings:
                of_page.param.update(**step.settings)
            state.reset()
            state.choose_symmetry(step.links[0][0])
            state.set_links(step.links)
            state.param.update(page=step.page, tour=number, **step.changes)
    else:
        state.tour = 0
