"""The notebooks run, and what readers see in them is what they give."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.docs

FOLDER = Path("docs/notebooks").resolve()


def content_of(notebook: Any) -> list[str]:
    """Return the texts of all outputs, and of a picture that it is one."""
    texts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            text = output.get("text") or data.get("text/plain", "")
            texts.append("a picture" if "image/png" in data else re.sub(r"\d+ kB", "… kB", str(text)))
    return texts


@pytest.mark.parametrize("name", ["coefficient", "county", "province"])
@pytest.mark.filterwarnings("default")
def test_the_outputs_are_what_the_notebook_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent.parent))
    stored: Any = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    fresh: Any = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    NotebookClient(fresh, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}}).execute()
    assert content_of(fresh) == content_of(stored)
    assert content_of(fresh).count("a picture") == sum(
        "plots." in cell.source and cell.source.endswith(";") for cell in fresh.cells
    )
    assert str(Path.home()) not in str(stored)
