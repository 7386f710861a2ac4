"""Figures and films as files in memory: PNG, SVG, GIF, MP4."""

import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

FILM_DPI = {"gif": 75, "mp4": 100}
"""Dots per inch: 960 and 1280 pixels for a figure as wide as a slide."""

STILL_DPI = 200


@runtime_checkable
class Leads(Protocol):
    """A figure that can be moved from lead to lead."""

    figure: Figure

    def show(self, lead: int) -> None:
        """Draw a lead, counted from 1."""


def still(figure: Figure, kind: str, about: str = "") -> bytes:
    """A figure as "png" or "svg"; letters of an SVG stay letters."""
    file = io.BytesIO()
    key = "Title" if kind == "svg" else "Description"
    with rc_context({"svg.fonttype": "none"}):
        figure.savefig(file, format=kind, dpi=STILL_DPI, metadata={key: about})
    return file.getvalue()


def film(
    pictures: Leads,
    leads: range,
    kind: str,
    *,
    rate: float = 4.0,
    progress: Callable[[int], None] = lambda lead: None,
) -> bytes:
    """The leads one after the other, as "gif" or "mp4".

    Args:
        rate: leads per second.
        progress: called with each lead before it is drawn; what it raises ends the making.
    """
    frames = _frames(pictures, leads, FILM_DPI[kind], progress)
    return _gif(frames, rate) if kind == "gif" else _mp4(frames, rate)


def _frames(
    pictures: Leads, leads: range, dpi: int, progress: Callable[[int], None]
) -> Iterator[np.ndarray]:
    """Pictures of red, green and blue, even numbers of pixels along both sides."""
    figure = pictures.figure
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    for lead in leads:
        progress(lead)
        pictures.show(lead)
        canvas.draw()
        # Where things stand is found once: a film does not wobble, and is made in half the time.
        figure.set_layout_engine("none")
        picture = np.asarray(canvas.buffer_rgba())[..., :3]
        height, width = (side - side % 2 for side in picture.shape[:2])
        yield np.ascontiguousarray(picture[:height, :width])


def _gif(frames: Iterator[np.ndarray], rate: float) -> bytes:
    pictures = [Image.fromarray(frame) for frame in frames]
    table = _table(np.stack([np.asarray(p) for p in (pictures[0], pictures[-1])]))
    first, *others = (p.quantize(palette=table, dither=Image.Dither.NONE) for p in pictures)
    file = io.BytesIO()
    first.save(
        file, "GIF", save_all=True, append_images=others, duration=round(1000 / rate), loop=0
    )
    return file.getvalue()


def _table(frames: np.ndarray) -> Image.Image:
    """One table of 256 colours for all frames, so that they do not flicker.

    Colours count by the root of their area: a scale beside the pictures keeps its steps, and the
    background does not take them all.
    """
    code = frames.reshape(-1, 3).astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    colours, counts = np.unique(code, return_counts=True)
    spread = np.repeat(colours, np.ceil(np.sqrt(counts)).astype(int))
    rgb = np.stack([(spread >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(np.uint8)
    table = Image.fromarray(rgb[None]).quantize(256, dither=Image.Dither.NONE)
    entries = np.asarray(table.getpalette()).reshape(-1, 3)
    entries[entries.sum(1).argmax()] = 255  # paper is white, not nearly white
    table.putpalette(entries.ravel().tolist())
    return table


def _mp4(frames: Iterator[np.ndarray], rate: float) -> bytes:
    """H.264, as every player and slide takes it; played from the first byte on."""
    # A heavy library, which only films need.
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"  # a file: its index is moved to the front at the end
        with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
            stream = None
            for picture in frames:
                if stream is None:
                    stream = container.add_stream("libx264", rate=round(rate))
                    stream.height, stream.width = picture.shape[:2]
                    stream.pix_fmt, stream.options = "yuv420p", {"crf": "18", "tune": "animation"}
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if stream is not None:
                container.mux(stream.encode())
        return path.read_bytes()
