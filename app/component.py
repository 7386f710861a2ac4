"""What the components of the dashboard have in common: the browser takes their text as it is."""

from hashlib import sha256
from typing import Any

from bokeh.document import Document
from panel.custom import JSComponent


class Component(JSComponent):
    """A component in plain JavaScript.

    Panel has browsers translate every component from TypeScript and JSX, which takes a third of a
    second for all of those on the first page. What comes with the name of a bundle is left alone.
    """

    __abstract = True

    def _get_properties(self, doc: Document | None) -> dict[str, Any]:
        properties = super()._get_properties(doc)
        return {**properties, "bundle": sha256(properties["esm"].encode()).hexdigest()}
