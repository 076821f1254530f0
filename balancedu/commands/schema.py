"""`balancedu schema`: the JSON Schemas of what the evaluation is written as, and of every spec file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from balancedu.commands.common import Commands
from balancedu.core.reader import FORMAT
from balancedu.core.schema import FILES, spec_schema_text


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    schema = commands.add_parser(
        "schema", parents=[shared], help="print the JSON Schema of evaluate --json, or of a spec file"
    )
    kinds = ("evaluation", *FILES)
    schema.add_argument("kind", nargs="?", choices=kinds, default="evaluation", help="of what; left out: evaluation")
    schema.add_argument(
        "--write",
        type=Path,
        metavar="FOLDER",
        help=f"write those of all spec files to FOLDER/spec-{FORMAT}",
    )
    schema.set_defaults(run=_schema)


def _schema(options: argparse.Namespace) -> int:
    if options.write is not None:
        for path in write_schemas(options.write):
            print(path)
    elif options.kind == "evaluation":
        from balancedu.evaluation.rebuilding import json_schema

        print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    else:
        print(spec_schema_text(options.kind), end="")
    return 0


def write_schemas(folder: Path) -> list[Path]:
    """Write the schemas of all spec files, and return their paths."""
    written = [folder / f"spec-{FORMAT}" / f"{kind}.json" for kind in FILES]
    for kind, path in zip(FILES, written, strict=True):
        write_schema(kind, path)
    return written


def write_schema(kind: str, path: Path) -> None:
    """Write the schema of one kind of spec file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(spec_schema_text(kind), encoding="utf-8", newline="\n")
