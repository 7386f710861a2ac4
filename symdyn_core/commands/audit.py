"""``symdyn audit``: how far a model is from each symmetry, and where it loses it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from symdyn_core.commands.audit_output import show_audit
from symdyn_core.commands.flow_options import opens_flow
from symdyn_core.commands.reporting import AsJson, check_page, reported, say, show_json
from symdyn_core.progress import progress_bar


@reported
@opens_flow
def audit(
    model: Annotated[
        str, typer.Argument(help="A zoo model, a run directory, or package.module:callable.")
    ],
    data: Annotated[str, typer.Option(help="A flow: store, file, folder or glob.")],
    symmetry: Annotated[
        list[str] | None, typer.Option(help="Measure this symmetry only (repeatable).")
    ] = None,
    elements: Annotated[int, typer.Option(min=2, help="Elements along each parameter.")] = 9,
    samples: Annotated[int, typer.Option(min=1, help="Windows to measure on.")] = 16,
    dtype: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    layers: Annotated[
        bool, typer.Option("--layers", help="Look inside: which layer loses which symmetry.")
    ] = False,
    against: Annotated[
        str | None, typer.Option(help="A second model, measured alike, to compare with.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots, layers included, to this file.")
    ] = None,
    *,
    opening: dict[str, Any],
    past: Annotated[
        int | None, typer.Option(min=1, help="Frames a callable of yours needs.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How far a model is from each symmetry: the equivariance error along its parameter."""
    from symdyn_core.experiments.auditing import audit_subject
    from symdyn_core.experiments.subject import open_subject

    if html is not None:
        check_page(html, "symdyn_core.plots.audit_page")
    options: dict[str, Any] = {
        "symmetries": symmetry,
        "elements": elements,
        "samples": samples,
        "dtype": dtype,
        "past": past,
        "opening": opening,
    }
    names = [model] if against is None else [model, against]
    subjects = [open_subject(name, data, **options) for name in names]
    reports = []
    for subject in subjects:
        with progress_bar(f"audit of {subject.model}", shown=not as_json) as bar:
            inside = layers or html is not None
            reports.append(audit_subject(subject, layers=inside, progress=bar))
    report = reports[0] | ({"against": reports[1]} if against is not None else {})
    if html is not None:
        _write_page(html, subjects[0], report)
    if as_json:
        show_json(report)
    else:
        show_audit(report)
    if html is not None:
        say(f"Wrote {html}")


def _write_page(path: Path, subject: Any, report: dict) -> None:
    from symdyn_core.experiments.worst_case import worst_case
    from symdyn_core.plots.audit_page import audit_page
    from symdyn_core.whole_files import write_whole

    page = audit_page(report, worst_case(subject, report), subject.flow.attrs)
    write_whole(path, page.encode())
