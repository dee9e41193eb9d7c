"""docs/permissions.md, written from the table and the routes by ``python -m tests.display.auth.permissions_page``."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from display.auth.permissions import PERMISSIONS
from display.auth.visitor import PrincipalKind
from tests.rooms.staffed import with_all_doors

PAGE = Path(__file__).parents[3] / "docs" / "permissions.md"
BEGIN, END = "<!-- generated: python -m tests.display.auth.permissions_page -->", "<!-- end of the generated part -->"
BY_THEMSELVES = {"HEAD", "OPTIONS"}


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Every method of every route but those that Flask adds by itself."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        methods = rule.methods or set()
        for method in sorted(methods - BY_THEMSELVES or methods - {"OPTIONS"} or methods):
            yield method, rule


def written(app: Flask) -> str:
    """The page with its generated part as it should be."""
    head = ["route", *(kind.value for kind in PrincipalKind), "remark"]
    lines = [_row(head), _row(["---", *[":-:"] * len(PrincipalKind), "---"])]
    for method, rule in routes(app):
        row = PERMISSIONS[rule.endpoint]
        marks = ["✓" if kind in row.kinds else "" for kind in PrincipalKind]
        remark = row.own or ("a page's word about itself: no CSRF value" if row.no_csrf else "")
        lines.append(_row([f"`{method} {rule.rule}`", *marks, remark]))
    before, rest = PAGE.read_text().split(BEGIN)
    return before + BEGIN + "\n\n" + "\n".join(lines) + "\n\n" + END + rest.split(END)[1]


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        PAGE.write_text(written(with_all_doors(Path(folder)).app))
