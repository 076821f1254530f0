"""`balancedu schema`: the JSON Schema of what `balancedu evaluate --json` prints."""

from __future__ import annotations

import argparse
import json

from balancedu.commands.common import Commands


def add(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    schema = commands.add_parser("schema", parents=[shared], help="print the JSON Schema of evaluate --json")
    schema.set_defaults(run=_schema)


def _schema(_options: argparse.Namespace) -> int:
    from balancedu.evaluation.rebuilding import json_schema

    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0
