"""What one visitor looks at: the only thing that panels share, and that the address holds."""

import param

from symdyn_core.symmetries import ALL

from . import catalogue, elements, tour
from .flows import Flow, Source, open_source
from .scene import MOST_STEPS, STEPS, Question, chain_of

FIELDS = ("speed", "u", "v", "vorticity", "divergence")
VIEWS = ("forecasts", "square", "swipe", "flicker")
MAPS = ("error", "asymmetry")
LIMITS = ("steady", "each lead")
VECTORS = ("none", "arrows", "particles")
THEMES = ("light", "dark", "projector")

MOST_LINKS = 4
"""Transformations in a chain, at most."""


class AppState(param.Parameterized):
    """Page, data, transformations, models and display of one session.

    Changing the data, a symmetry or a model leaves a state that can be computed; what cannot be
    chosen raises a ValueError and changes nothing.
    """

    page = param.Selector(objects=["explore"], check_on_set=True, doc="Which page is shown.")
    data = param.Selector(check_on_set=True, doc="Key of the flow.")
    member = param.Integer(0, bounds=(0, None), doc="Which square of the flow.")
    now = param.Integer(0, bounds=(0, None), doc="Index of the last input frame.")
    links = param.Parameter(
        (), doc="The chain of transformations, (symmetry, element) of each, first to last."
    )
    model_a = param.Selector(
        check_on_set=True, doc="The model on the left: as a rule the equivariant one."
    )
    model_b = param.Selector(
        check_on_set=True, doc="The model on the right: as a rule the ordinary one."
    )
    steps = param.Integer(STEPS, bounds=(STEPS, MOST_STEPS), doc="Leads of a rollout.")
    lead = param.Integer(1, bounds=(1, MOST_STEPS), doc="Frames ahead of now.")
    field = param.Selector(default="speed", objects=FIELDS, doc="What the pictures show.")
    view = param.Selector(default="forecasts", objects=VIEWS, doc="How pictures are arranged.")
    maps = param.Selector(default="error", objects=MAPS, doc="What the error maps show.")
    limits = param.Selector(default="steady", objects=LIMITS, doc="Colour limits of error maps.")
    stabilised = param.Boolean(False, doc="Show forecasts moved back, g⁻¹ f(g w).")
    vectors = param.Selector(default="none", objects=VECTORS, doc="Velocities on the pictures.")
    pinned = param.Parameter(
        (), doc="The point of the time series: shares of the picture to the right and up; or none."
    )
    tour = param.Integer(0, bounds=(0, len(tour.STEPS)), doc="Step of the tour; 0 is none.")
    theme = param.Selector(default="light", objects=THEMES, doc="Colours and sizes of the page.")

    DISPLAYED = ("field", "view", "maps", "limits", "stabilised", "vectors")
    """How the question is shown."""

    ASKED = ("data", "member", "now", "links", "model_a", "model_b", "steps")
    """What changes the question."""

    def __init__(self, sources: tuple[Source, ...]):
        super().__init__()
        self.sources = sources
        self.param.data.objects = [source.key for source in sources]
        names = [model.name for model in catalogue.models()]
        self.param.model_a.objects = self.param.model_b.objects = names
        self.reset()

    def offer(self, *names: str) -> None:
        """Let models outside the lists be chosen: runs of this machine, ``run:<folder>``.

        Raises:
            ValueError: no such model.
        """
        there = self.param.model_a.objects
        new = [catalogue.model(name).name for name in names if name not in there]
        self.param.model_a.objects = self.param.model_b.objects = [*there, *new]

    def choose_models(self, *, a: str | None = None, b: str | None = None) -> None:
        """Other models, from the lists or runs of this machine.

        Raises:
            ValueError: no such model, or the flow is too short for it.
        """
        chosen = {"model_a": a, "model_b": b}
        given = {name: value for name, value in chosen.items() if value is not None}
        self.offer(*given.values())
        self.param.update(**self._with_frames(given))

    @property
    def symmetry(self) -> str:
        """Name of the first transformation."""
        return self.links[0][0]

    @property
    def element(self) -> tuple[float, ...]:
        """Element of the first transformation."""
        return self.links[0][1]

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
            self.source, self.member, self.now, self.links, self.model_a, self.model_b, self.steps
        )

    def now_range(self, flow: Flow, **models: str) -> tuple[int, int]:
        """First and last index of "now" with all input frames and, if possible, ten of truth.

        Args:
            models: ``model_a`` or ``model_b`` where others than the chosen ones are meant.
        """
        past = self._past(**models)
        first, frames = past - 1, flow.w.shape[1]
        if frames < past + 1:
            raise ValueError(
                f"'{flow.title}' has {frames} frames; a forecast and its truth need at least "
                f"{past + 1}. Choose a longer flow."
            )
        return first, max(first, frames - 1 - STEPS)

    def _past(self, **models: str) -> int:
        """Input frames of that of two models which wants more of them."""
        names = {"model_a": self.model_a, "model_b": self.model_b} | models
        return max(catalogue.model(name).past for name in names.values())

    def _with_frames(self, changes: dict) -> dict:
        """Changes, with a "now" that has all the frames of the models among them.

        Raises:
            ValueError: the flow is too short for them.
        """
        models = {name: value for name, value in changes.items() if name.startswith("model_")}
        if not models or self.data is None:
            return changes
        first, _ = self.now_range(self.flow, **models)
        return {**changes, "now": max(first, self.now)}

    def reset(self) -> None:
        """The start: a flow turned by 90 degrees, the equivariant model against the ordinary."""
        with param.parameterized.batch_call_watchers(self):
            for name in ("lead", "steps", "pinned", *self.DISPLAYED):
                setattr(self, name, self.param[name].default)
            self.model_b = catalogue.ordinary_model().name
            self.model_a = self.model_b
            self.choose_data(self.sources[0].key)
            self.links = self.links[:1] or (("rotation", (0.0,)),)
            self.choose_symmetry("rotation")

    def add_source(self, source: Source) -> None:
        """Offer another flow to this visitor and choose it.

        Raises:
            ValueError, FileNotFoundError: the flow does not serve; the state is as it was.
        """
        self.now_range(open_source(source))
        self.sources = (*(s for s in self.sources if s.key != source.key), source)
        self.param.data.objects = [s.key for s in self.sources]
        self.choose_data(source.key)

    def choose_data(self, key: str) -> None:
        """Another flow, at its first square and in the middle of its time.

        Raises:
            ValueError, FileNotFoundError: the flow does not serve; the state is as it was.
        """
        source = next((s for s in self.sources if s.key == key), None)
        if source is None:
            raise ValueError(f"There is no flow {key!r}; choose from {self.param.data.objects}.")
        flow = open_source(source)
        models = {
            name: catalogue.relative(getattr(self, name), source.family)
            for name in ("model_a", "model_b")
            if source.family
        }
        first, last = self.now_range(flow, **models)
        self.param.update(data=key, member=0, now=(first + last) // 2, **models)

    def choose_symmetry(self, name: str, at: int = 0) -> None:
        """Another symmetry for a link, at its first preset.

        The first link also chooses as model A the one made for it, of the architecture of model B:
        a U-Net stands beside a U-Net.
        """
        symmetry = elements.named(name)
        changes = {}
        if at == 0:
            beside = catalogue.model(self.model_b).architecture or "ResNet"
            made_for_it = catalogue.equivariant_model(symmetry, beside, self.source.family)
            changes = {} if made_for_it is None else {"model_a": made_for_it.name}
        self._replace(at, (name, elements.start_element(symmetry)), **changes)

    def move_to(self, element: tuple[float, ...], at: int = 0) -> None:
        """Another element of a link; near a whole time step, that one.

        Raises:
            ValueError: not an element of its symmetry, or outside the range of its sliders.
        """
        name = self.links[at][0]
        self._replace(at, (name, elements.checked(elements.named(name), element)))

    def add_link(self, name: str | None = None) -> None:
        """Another transformation after the others, one that is not there yet.

        Raises:
            ValueError: the chain is full.
        """
        if len(self.links) >= MOST_LINKS:
            raise ValueError(f"A chain has at most {MOST_LINKS} transformations; remove one first.")
        there = {link[0] for link in self.links}
        free = [symmetry.name for symmetry in ALL if symmetry.name not in there]
        self.choose_symmetry(name or free[0], at=len(self.links))

    def pin(self, point: tuple[float, ...]) -> None:
        """Keep a point, whose values are shown against time; none to let it go.

        Raises:
            ValueError: not a point of the picture.
        """
        if point and not (len(point) == 2 and all(0 <= share <= 1 for share in point)):
            raise ValueError(f"A point is two shares between 0 and 1, got {point}.")
        self.pinned = tuple(point)

    def remove_link(self, at: int) -> None:
        """Take a transformation out of the chain; the last one becomes the identity."""
        if len(self.links) == 1:
            symmetry = elements.named(self.links[0][0])
            self._replace(0, (symmetry.name, elements.as_tuple(symmetry.identity())))
        else:
            self.links = (*self.links[:at], *self.links[at + 1 :])

    def set_links(self, links: elements.Links) -> None:
        """Another chain, checked.

        Raises:
            ValueError: no links, too many, unknown symmetries, or elements outside their range.
        """
        if not 1 <= len(links) <= MOST_LINKS:
            raise ValueError(f"A chain has 1 to {MOST_LINKS} transformations, got {len(links)}.")
        found = tuple(
            (name, elements.checked(elements.named(name), element)) for name, element in links
        )
        chain_of(found)
        self.links = found

    def _replace(self, at: int, link: tuple[str, tuple[float, ...]], **changes) -> None:
        links = (*self.links[:at], link, *self.links[at + 1 :])
        chain_of(links)
        self.param.update(links=links, **self._with_frames(changes))

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
