"""What can be built in: each symmetry with a kit, all of them at once, or none."""

from dataclasses import dataclass, replace

from symdyn_core.layers import LayerKit, PlainKit, ScaledKit, SteerableKit
from symdyn_core.models.wrappers import MeanFrame, Units, WrapperSpec
from symdyn_core.symmetries import ALL

EVERY = "all"
"""Name of the network that respects every symmetry of the flow equations at once."""


@dataclass(frozen=True)
class Candidate:
    """The building blocks and wrappers that respect one symmetry.

    Attributes:
        name: of the symmetry; "plain" for none but translation, "all" for all of them.
    """

    name: str
    kit: LayerKit
    wrappers: tuple[WrapperSpec, ...] = ()


def all_symmetries(
    periodic: tuple[bool, bool] = (False, False), *, order: int = 8, mirrored: bool = False
) -> Candidate:
    """Translation, Galilean boost, magnitude, C_n or D_n, and scaling in one network.

    Turns and scaling are in the layers: dilatable steerable kernels of 5 cells, whose lift sees
    two levels of scale. Boosts and magnitude are around them: the frame that moves with the flow's
    own pattern, less its mean velocity, and the unit of the root mean square of what remains. The
    wrappers keep what is inside, since the drift and the mean velocity are vectors that turn and
    grow with the flow and the unit is a number that neither a turn nor a boost changes. A bare
    shift is respected as well: the drift does not look at the mean velocity.

    Drift and unit are those of what the network sees. A dilation about the centre of a patch with
    open edges changes what there is to see, and with it both: there the error under scaling is
    that of the patch's statistics, not of the layers.
    """
    kit = ScaledKit(periodic=periodic, kernel_size=5, order=order, mirrored=mirrored)
    return Candidate(EVERY, kit, (MeanFrame(drift=True, measured=True), Units()))


def candidates() -> list[Candidate]:
    """The plain control, each symmetry with a kit of its own, and all of them at once.

    Kits of turns alone have band-limited activations: for a tenth more time, networks err a sixth
    as much under turns between the quarter turns.
    """
    kits = {symmetry.name: symmetry.kit() for symmetry in ALL}
    own = [Candidate(name, _smooth(kit)) for name, kit in kits.items() if kit and kit.name == name]
    return [Candidate("plain", PlainKit()), *own, all_symmetries()]


def candidate_named(name: str) -> Candidate:
    """The candidate of that name.

    Raises:
        ValueError: nothing of that name can be built in.
    """
    known = {candidate.name: candidate for candidate in candidates()}
    if name not in known:
        raise ValueError(f"No layers for {name!r}; choose from {', '.join(known)}.")
    return known[name]


def _smooth(kit: LayerKit) -> LayerKit:
    if isinstance(kit, ScaledKit) or not isinstance(kit, SteerableKit):
        return kit
    return replace(kit, activation="band_limited")
