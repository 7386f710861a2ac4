"""Compiled, exported, in low precision, channels last, differentiated forwards: every network.

All of them are tested against the same network run plainly, since that is what they stand for.
"""

import io
import logging
import shutil
from dataclasses import replace

import jaxtyping
import pytest
import torch

from symdyn_core.grid import Grid
from symdyn_core.layers import DihedralKit, MagnitudeKit, PlainKit, SteerableKit, UniformMotionKit
from symdyn_core.layers.convolution import Convolution, with_fixed_kernels
from symdyn_core.layers.magnitude import local_magnitude
from symdyn_core.layers.uniform_motion import local_mean
from symdyn_core.models import ARCHITECTURES, NetworkForecaster
from symdyn_core.symmetries import Magnitude, Reflection, Rotation, UniformMotion
from tests.layers.networks import (
    ALL_KITS,
    NETWORKS,
    PAST,
    QUICKLY_TRACED,
    random_frames,
    small_network,
)

every_network = pytest.mark.parametrize("architecture, kit", NETWORKS)
quickly_traced = pytest.mark.parametrize("architecture, kit", QUICKLY_TRACED)


@pytest.fixture
def unchecked_shapes():
    """Compilers cannot read the run-time checks of shapes, which only tests switch on."""
    jaxtyping.config.update("jaxtyping_disable", True)
    # Writes every graph out for whoever listens to all loggers, as pytest does.
    trace = logging.getLogger("torch.__trace")
    trace.disabled = True
    torch._dynamo.reset()
    yield
    trace.disabled = False
    jaxtyping.config.update("jaxtyping_disable", False)


def gradients(network, frames):
    network.zero_grad()
    out = network(frames)
    out.square().sum().backward()
    return out, [parameter.grad.clone() for parameter in network.parameters()]


def assert_same(first, second, tolerance=1e-5):
    scale = max(tensor.abs().max() for tensor in first)
    for one, other in zip(first, second, strict=True):
        assert (one - other).abs().max() <= tolerance * scale


@quickly_traced
def test_compiles_as_one_graph_forwards_and_backwards(unchecked_shapes, architecture, kit):
    network, frames = small_network(architecture, kit), random_frames()
    # The second architecture holds all layers of the first but one: tracing gradients is slow.
    backend = "aot_eager" if architecture is ARCHITECTURES[1] else "eager"
    compiled = torch.compile(network, fullgraph=True, backend=backend)
    out, expected = gradients(network, frames)
    compiled_out, found = gradients(compiled, frames)
    assert_same([out], [compiled_out])
    assert_same(expected, found)


@quickly_traced
def test_compiled_evaluation_follows_the_weights(unchecked_shapes, architecture, kit):
    network, frames = small_network(architecture, kit).eval(), random_frames()
    compiled = torch.compile(network, fullgraph=True, backend="eager")
    with torch.no_grad():
        first = network(frames)
        assert_same([first], [compiled(frames)])
        next(p for p in network.parameters() if p.ndim > 1).mul_(1.5)
        edited = network(frames)
        assert_same([edited], [compiled(frames)])
    assert not torch.allclose(first, edited)


@pytest.mark.parametrize("kit", ALL_KITS[-1:], ids=["component"])
def test_component_layer_compiles_and_exports(unchecked_shapes, kit):
    layer, h = kit.convolve(2, 2), random_frames(past=2)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    out, expected = gradients(layer, h)
    compiled_out, found = gradients(compiled, h)
    assert_same([out, *expected], [compiled_out, *found])
    with torch.no_grad():
        exported = torch.export.export(layer.eval(), (h,)).module()
        assert_same([out], [exported(h)])


@pytest.mark.slow
# PyTorch's compiler is itself in part compiled by the old scripting.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_gradients_of_replicated_edges_compile_to_machine_code(unchecked_shapes):
    for periodic in ((False, False), (True, False)):
        block = replace(UniformMotionKit(), periodic=periodic).residual(2, 2)
        h = random_frames(past=2).requires_grad_()
        compiled = torch.compile(block, fullgraph=True)
        results = []
        for run in (block, compiled):
            h.grad = None
            results.append([*gradients(run, h)[1], h.grad])
        assert_same(*results)


@quickly_traced
def test_exported_programs_give_the_same_numbers(unchecked_shapes, architecture, kit):
    network = small_network(architecture, kit).eval()
    fixed = with_fixed_kernels(network)
    batch = torch.export.Dim("batch", min=1, max=64)
    with torch.no_grad():
        program = torch.export.export(fixed, (random_frames(),), dynamic_shapes=({0: batch},))
        stream = io.BytesIO()
        torch.export.save(program, stream)
        stream.seek(0)
        loaded = torch.export.load(stream).module()
        frames = random_frames(batch=3)
        assert_same([network(frames)], [loaded(frames)])


def test_programs_with_fixed_kernels_do_not_build_them(unchecked_shapes):
    network = small_network(ARCHITECTURES[0], SteerableKit()).eval()
    with torch.no_grad():
        networks = network, with_fixed_kernels(network)
        free, fixed = (torch.export.export(n, (random_frames(),)) for n in networks)
        assert_same([network(random_frames())], [free.module()(random_frames())])

    def parameters_read(program):
        inputs = (node for node in program.graph.nodes if node.op == "placeholder")
        specs = program.graph_signature.input_specs
        parameter = torch.export.graph_signature.InputKind.PARAMETER
        return {
            spec.target
            for node, spec in zip(inputs, specs, strict=True)
            if spec.kind == parameter and node.users
        }

    assert parameters_read(fixed) == set()
    assert parameters_read(free) == {name for name, _ in network.named_parameters()}


def test_fixed_kernels_are_let_go_by_training_and_by_new_weights():
    network = small_network(ARCHITECTURES[0], SteerableKit())
    other = small_network(ARCHITECTURES[0], SteerableKit())
    with torch.no_grad():
        next(p for p in other.parameters() if p.ndim > 1).add_(0.1)
        fixed, frames = with_fixed_kernels(network), random_frames()
        assert torch.equal(fixed(frames), network.eval()(frames))
        assert network.lift.convolution.fixed_kernel is None  # only the copy is fixed
        fixed.load_state_dict(other.state_dict())
        assert torch.equal(fixed(frames), other.eval()(frames))
    trained = with_fixed_kernels(network).train()
    assert trained(frames).requires_grad and trained.lift.convolution.fixed_kernel is None


# PyTorch itself compiles some of its forward-mode rules by the old scripting.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")
@every_network
def test_forward_mode_is_the_directional_derivative(architecture, kit):
    network = small_network(architecture, kit).double()
    frames = random_frames().double()
    generator = torch.Generator().manual_seed(3)
    direction = torch.randn(frames.shape, generator=generator, dtype=torch.float64)
    step = 1e-6
    with torch.no_grad():
        ahead, behind = network(frames + step * direction), network(frames - step * direction)
    difference = (ahead - behind) / (2 * step)
    for training in (True, False):
        network.train(training)
        out, derivative = torch.func.jvp(network, (frames,), (direction,))
        assert torch.equal(out, network(frames))
        # Fields cross kinks of the activation within a step, now and then.
        assert (derivative - difference).norm() < 1e-4 * difference.norm()
        assert (derivative - network(direction)).norm() > 1e-2 * difference.norm()
    weights = dict(network.named_parameters())
    _, along = torch.func.jvp(
        lambda scale: torch.func.functional_call(
            network, {name: scale * value for name, value in weights.items()}, (frames,)
        ),
        (torch.ones((), dtype=torch.float64),),
        (torch.ones((), dtype=torch.float64),),
    )
    assert along.isfinite().all() and along.any()
    with torch.no_grad():  # kernels that were cached on the way are the right ones
        assert torch.allclose(network(frames), out, atol=1e-12)


# Under ``vmap`` PyTorch itself runs some operations one by one.
@pytest.mark.filterwarnings("ignore:There is a performance drop:UserWarning")
@every_network
def test_networks_of_many_weights_run_as_one(architecture, kit):
    network, frames = small_network(architecture, kit).double().eval(), random_frames().double()
    weights = {
        name: torch.stack((value, 1.1 * value)) for name, value in network.state_dict().items()
    }
    forecasts = torch.func.vmap(lambda one: torch.func.functional_call(network, one, (frames,)))(
        weights
    )
    with torch.no_grad():
        for number, forecast in enumerate(forecasts):
            network.load_state_dict({name: value[number] for name, value in weights.items()})
            assert_same([network(frames)], [forecast], 1e-9)
    assert not torch.allclose(*forecasts)


@every_network
def test_networks_made_without_memory_are_filled_by_their_weights(architecture, kit):
    network, frames = small_network(architecture, kit).eval(), random_frames()
    with torch.device("meta"):
        empty = small_network(architecture, kit).eval()
    empty.to_empty(device="cpu").load_state_dict(network.state_dict())
    with torch.no_grad():
        assert torch.equal(empty(frames), network(frames))


@pytest.mark.parametrize("periodic", [(False, False), (True, True)], ids=["open", "periodic"])
@every_network
def test_channels_last_stays_and_changes_nothing(architecture, kit, periodic):
    network = small_network(architecture, replace(kit, periodic=periodic)).eval()
    frames = random_frames()
    with torch.no_grad():
        expected = network.double()(frames.double())
        network.to(memory_format=torch.channels_last)
        wrong = []

        def look(module, inputs, output):
            if not output.is_contiguous(memory_format=torch.channels_last):
                wrong.append(type(module).__name__)

        for module in network.modules():
            module.register_forward_hook(look)
        out = network(frames.double().contiguous(memory_format=torch.channels_last))
    assert wrong == []
    assert (out - expected).norm() < 1e-12 * expected.norm()
    for module in network.modules():
        if isinstance(module, Convolution) and module.radius and module._cached is not None:
            kernel = module._cached[2]
            assert kernel.is_contiguous(memory_format=torch.channels_last)


@every_network
def test_autocast_keeps_features_low_and_kernels_full(architecture, kit):
    network, frames = small_network(architecture, kit).eval(), random_frames()
    features = []
    for module in network.modules():
        module.register_forward_hook(lambda _, __, out: features.append(out.dtype))
    forecaster = NetworkForecaster(network, PAST)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        out = network(frames)
        assert out.dtype == torch.bfloat16 and set(features) == {torch.bfloat16}
        assert forecaster(frames.unflatten(1, (PAST, 2))).dtype == torch.float32
        for module in network.modules():
            if isinstance(module, Convolution):
                assert module.evaluated_kernel()[0].dtype == torch.float32
    network.train()
    with torch.autocast("cpu", torch.bfloat16):
        _, found = gradients(network, frames)
    assert all(g.dtype == torch.float32 and g.isfinite().all() for g in found)


def test_statistics_of_low_precision_features_are_full():
    h = random_frames(past=100).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        mean, magnitude = (f(h, 1, (False, False)) for f in (local_mean, local_magnitude))
    assert mean.dtype == magnitude.dtype == torch.float32
    exact = local_mean(h.double(), 1, (False, False))
    assert (mean - exact).norm() < 1e-6 * exact.norm()
    low = h.unflatten(1, (-1, 2)).mean(dim=1)
    assert (low - h.double().unflatten(1, (-1, 2)).mean(dim=1)).norm() > 1e-3 * exact.norm()


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a.__name__)
@pytest.mark.parametrize(
    "kit, symmetry, element",
    [
        (UniformMotionKit(), UniformMotion(), (0.7, -0.6)),
        (MagnitudeKit(), Magnitude(), 3.7),
        (MagnitudeKit(), Magnitude(), 1e-12),
        (SteerableKit(), Rotation(), 90.0),
        (DihedralKit(), Reflection(), (0.0, 1.0)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_equivariance_holds_to_the_rounding_of_bfloat16(architecture, kit, symmetry, element):
    frames = random_frames()

    def error(kit):
        network = small_network(architecture, kit).eval()
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            out = network(frames).double()
            moved = network(acted(symmetry, element, frames)).double()
        expected = acted(symmetry, element, out)
        return ((moved - expected).norm() / expected.norm()).item()

    assert error(kit) < 0.03  # some ten layers of 2^-8 each
    assert error(PlainKit()) > 0.1


def acted(symmetry, element, channels):
    """A group element on velocities that are stacked as channels."""
    grid = Grid(*channels.shape[-2:])
    moved, _ = symmetry.act_on_field(element, channels.unflatten(1, (-1, 2)), grid)
    return moved.flatten(1, 2)
