"""The table of what axe-core found: a row for each page and kind of visitor, a column for each state and size."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.soak.pages import FIRST_DAY, PAGES, Shown

AXE = "axe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What was found on one page for one kind of visitor, in one state and size."""

    page: str
    kind: str
    shown: str
    size: str
    faults: tuple[str, ...] = ()


def table(told: Iterable[str]) -> str:
    """The table of all cells, as tests told them; a dash where a state leaves the page as it is, and why below."""
    looked = [Cell(**one) for text in told for one in json.loads(text)]
    same = {(page.name, group[0]): group for page in PAGES for group in page.alike}
    cells = [replace(cell, kind=kind) for cell in looked for kind in same.get((cell.page, cell.kind), (cell.kind,))]
    found = {(cell.page, cell.kind, cell.shown, cell.size): len(cell.faults) for cell in cells}
    columns = [(shown.value, size) for shown in Shown for size in dict.fromkeys(cell.size for cell in cells)]
    order = {page.name: number for number, page in enumerate((*PAGES, *FIRST_DAY))}
    rows = sorted({(cell.page, cell.kind) for cell in cells}, key=lambda row: (order[row[0]], row[1]))
    lines = ["violations of axe-core", line("page", "visitor", *(f"{shown} {size}" for shown, size in columns))]
    for page, kind in rows:
        lines.append(line(page, kind, *(str(found.get((page, kind, *column), "–")) for column in columns)))
    names, kinds = {cell.page for cell in cells}, {cell.kind for cell in cells}
    whys = sorted({f"– {shown}: {why}" for page in PAGES for shown, why in page.unchanged.items()})
    total = f"{len(names)} pages, {len(kinds)} kinds of visitors, {len(cells)} cells, {sum(found.values())} violations"
    alike = f"{len(looked)} cells were looked at; in the others a visitor is sent what another one of the page was"
    return "\n".join((*lines, *whys, total, alike))


def line(page: str, kind: str, *rest: str) -> str:
    """One row."""
    return f"{page:30} {kind:12}" + "".join(f"{one:>12}" for one in rest)
