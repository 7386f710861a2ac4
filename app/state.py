"""What one visitor looks at: the only thing that panels share, and that the address holds."""

import param

from symdyn_core.symmetries import ALL

from . import catalogue, elements
from .flows import Flow, Source, open_source
from .scene import STEPS, Question

FIELDS = ("speed", "u", "v", "vorticity")
MAPS = ("error", "asymmetry")
LIMITS = ("steady", "each lead")


class AppState(param.Parameterized):
    """Data, transformation, models and display of one session.

    ``element`` has one number for each parameter of the symmetry. Changing the data, the symmetry
    or a model leaves a state that can be computed; what cannot be chosen raises a ValueError.
    """

    data = param.Selector(check_on_set=True, doc="Key of the flow.")
    member = param.Integer(0, bounds=(0, None), doc="Which square of the flow.")
    now = param.Integer(0, bounds=(0, None), doc="Index of the last input frame.")
    symmetry = param.Selector(check_on_set=True, doc="Name of the symmetry.")
    element = param.Tuple((0.0,), length=1, doc="The group element.")
    model_a = param.Selector(
        check_on_set=True, doc="The model on the left: as a rule the equivariant one."
    )
    model_b = param.Selector(
        check_on_set=True, doc="The model on the right: as a rule the ordinary one."
    )
    lead = param.Integer(1, bounds=(1, STEPS), doc="Frames ahead of now.")
    field = param.Selector(default="speed", objects=FIELDS, doc="What the pictures show.")
    maps = param.Selector(default="error", objects=MAPS, doc="What the error maps show.")
    limits = param.Selector(default="steady", objects=LIMITS, doc="Colour limits of error maps.")
    stabilised = param.Boolean(False, doc="Show forecasts moved back, g⁻¹ f(g w).")
    arrows = param.Boolean(False, doc="Draw velocities as arrows.")
    dark = param.Boolean(False, doc="Dark theme.")

    def __init__(self, sources: tuple[Source, ...]):
        super().__init__()
        self.sources = sources
        self.param.data.objects = [source.key for source in sources]
        self.param.symmetry.objects = [symmetry.name for symmetry in ALL]
        names = [model.name for model in catalogue.models()]
        self.param.model_a.objects = self.param.model_b.objects = names
        self.reset()

    @property
    def source(self) -> Source:
        """Where the chosen flow is."""
        return next(source for source in self.sources if source.key == self.data)

    @property
    def flow(self) -> Flow:
        """The chosen flow, opened.

        Raises:
            ValueError, FileNotFoundError: what is wrong with it, in one line.
        """
        return open_source(self.source)

    @property
    def question(self) -> Question:
        """What is to be computed."""
        return Question(
            self.source,
            self.member,
            self.now,
            self.symmetry,
            self.element,
            self.model_a,
            self.model_b,
        )

    def now_range(self, flow: Flow) -> tuple[int, int]:
        """First and last index of "now" with all input frames and, if possible, all the truth."""
        first, frames = self.past - 1, flow.w.shape[1]
        if frames < self.past + 1:
            raise ValueError(
                f"'{flow.title}' has {frames} frames; a forecast and its truth need at least "
                f"{self.past + 1}. Choose a longer flow."
            )
        return first, max(first, frames - 1 - STEPS)

    @property
    def past(self) -> int:
        """Input frames of the model that wants most of them."""
        return max(model.past for model in catalogue.models())

    def reset(self) -> None:
        """The start: a flow turned by 90 degrees, the equivariant model against the ordinary."""
        with param.parameterized.batch_call_watchers(self):
            for name in ("lead", "field", "maps", "limits", "stabilised", "arrows"):
                setattr(self, name, self.param[name].default)
            self.model_b = catalogue.ordinary_model().name
            self.model_a = self.model_b
            self.choose_data(self.sources[0].key)
            self.choose_symmetry("rotation")

    def choose_data(self, key: str) -> None:
        """Another flow, at its first square and in the middle of its time.

        Raises:
            ValueError, FileNotFoundError: the flow does not serve; the state is as it was.
        """
        source = next((s for s in self.sources if s.key == key), None)
        if source is None:
            raise ValueError(f"There is no flow {key!r}; choose from {self.param.data.objects}.")
        flow = open_source(source)
        first, last = self.now_range(flow)
        self.param.update(data=key, member=0, now=(first + last) // 2)

    def choose_symmetry(self, name: str) -> None:
        """Another symmetry, its first preset, and as model A the model made for it.

        Of the architecture of model B: a U-Net stands beside a U-Net.
        """
        symmetry = elements.named(name)
        beside = catalogue.model(self.model_b).architecture or "ResNet"
        made_for_it = catalogue.equivariant_model(symmetry, beside)
        model_a = self.model_a if made_for_it is None else made_for_it.name
        self.move_to(elements.start_element(symmetry), symmetry=name, model_a=model_a)

    def move_to(self, element: tuple[float, ...], **others) -> None:
        """Another element, perhaps of another symmetry; near a whole time step, that one.

        Raises:
            ValueError: not an element of the symmetry, or outside the range of its sliders.
        """
        symmetry = elements.named(others.get("symmetry", self.symmetry))
        if len(element) != len(symmetry.parameters):
            raise ValueError(
                f"An element of {symmetry.title.lower()} has {len(symmetry.parameters)} numbers, "
                f"got {len(element)}."
            )
        for value, parameter in zip(element, symmetry.parameters, strict=True):
            if not parameter.low <= value <= parameter.high:
                raise ValueError(
                    f"The {parameter.label} lies between {parameter.low:g} and "
                    f"{parameter.high:g} {parameter.unit}, got {value:g}."
                )
        # A tuple parameter has a fixed length: it is set anew for another symmetry.
        self.param.element.length = len(element)
        settled = elements.settled(symmetry, tuple(float(value) for value in element))
        self.param.update(element=settled, **others)

    def place(self, *, member: int | None = None, now: int | None = None) -> None:
        """Another square or time of the same flow.

        Raises:
            ValueError: outside the flow.
        """
        flow = self.flow
        member, now = self.member if member is None else member, self.now if now is None else now
        first, last = self.now_range(flow)
        if not 0 <= member < len(flow.members):
            raise ValueError(
                f"The region lies between 0 and {len(flow.members) - 1}, got {member}."
            )
        if not first <= now <= last:
            raise ValueError(f"The start lies between frames {first} and {last}, got {now}.")
        self.param.update(member=member, now=now)
