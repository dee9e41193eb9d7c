"""The house style where a machine can read it: sizes, names, opening lines, and what never stands in a page."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.house import tree

LONGEST_FUNCTION = 60  # lines: one thought; complexity is held to 10 by ruff
MIGRATIONS = "/migrations/versions/"  # records of tables, as long as the tables are
NAMES_THAT_SAY_NOTHING = {
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc", "service", "stuff", "lib",
}  # fmt: skip
TEXT_AS_HTML = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write")
ADDRESS = re.compile(r"https?://(?!www\.w3\.org/)[^\s\"'`)>]+")
# Written so that this file does not find itself.
UNFINISHED = re.compile(r"\bTOD[O]\b|\bFIXM[E]\b|\bXX[X]\b|type: ignor[e](?!\[)|\bno[q]a(?!: [A-Z])")
WAITS_BY_CLOCK = re.compile(r"wait_for_timeou[t]\(|asyncio\.slee[p]\(")
CITY_MAY_STAND_IN = ("cities/", "tests/", "docs/", "README.md", "CHANGELOG.md")
PNG, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
PICTURE = re.compile(r"!\[[^\]]*\]\(([^):]+)\)")
LETTERS = (".py", ".js", ".mjs", ".html", ".css", ".json", ".toml", ".yaml", ".yml", ".sh", ".ini", ".cfg", ".mako")


def none_of(faults: Iterable[str]) -> None:
    """Fail with the whole list, one a line."""
    found = sorted(faults)
    assert not found, "\n" + "\n".join(found)


def in_pages() -> tuple[str, ...]:
    """Paths of all that a browser may load from us."""
    return tuple(path for path in tree.files() if path.startswith(("static/", "templates/")) and path.endswith(LETTERS))


def test_no_function_is_longer_than_one_thought() -> None:
    python = [path for path in tree.python_files() if MIGRATIONS not in path]
    functions = [one for path in python for one in tree.python_functions(path)]
    functions += [one for _, ones, _ in tree.browser_modules() for one in ones]
    none_of(f"{one.where} {one.name} has {one.length} lines" for one in functions if one.length > LONGEST_FUNCTION)


def test_files_and_folders_are_named_for_a_thing() -> None:
    code = (*tree.python_files(), *tree.python_files(tests=True), *tree.browser_files())
    named = {path: {part.split(".")[0].lower() for part in PurePosixPath(path).parts} for path in code}
    none_of(path for path, parts in named.items() if parts & NAMES_THAT_SAY_NOTHING)


def test_every_module_opens_by_saying_why_it_exists() -> None:
    paths = (*tree.python_files(), *tree.python_files(tests=True))
    silent = [path for path in paths if not ast.get_docstring(ast.parse(tree.text(path), path))]
    silent += [path for path, _, opens in tree.browser_modules() if not opens]
    none_of(silent)


def test_no_text_enters_a_page_as_html() -> None:
    none_of(path for path in in_pages() if TEXT_AS_HTML.search(tree.text(path)))


def test_a_page_names_no_address_but_its_own() -> None:
    none_of(f"{path}: {address}" for path in in_pages() for address in ADDRESS.findall(tree.text(path)))


def test_nothing_is_left_unfinished() -> None:
    paths = (*tree.python_files(), *tree.python_files(tests=True), *tree.browser_files())
    none_of(f"{path}: {found}" for path in paths for found in UNFINISHED.findall(tree.text(path)))


def test_no_test_waits_by_the_clock() -> None:
    paths = (path for path in tree.files() if path.startswith("tests/") and path.endswith((".py", ".js", ".mjs")))
    none_of(path for path in paths if WAITS_BY_CLOCK.search(tree.text(path)))


def test_a_city_is_data() -> None:
    cities = {Path(path).parts[1] for path in tree.files() if path.startswith("cities/") and path.count("/") > 1}
    names = re.compile("|".join(re.escape(name) for name in sorted(cities)) or "(?!)", re.IGNORECASE)
    none_of(
        f"{path}: {line.strip()}"
        for path in tree.files()
        if path.endswith(LETTERS) and not path.startswith(CITY_MAY_STAND_IN)
        for line in tree.text(path).splitlines()
        if names.search(line) and not (path == "config.yaml" and line.strip().startswith("city:"))
    )


def test_a_picture_of_the_docs_is_one() -> None:
    """Whole from its first bytes to its last: one that was cut off or left empty shows nothing."""
    pictures = {path: (tree.ROOT / path).read_bytes() for path in tree.files() if path.startswith("docs/pictures/")}
    none_of(path for path, raw in pictures.items() if not (raw.startswith(PNG) and raw.endswith(PNG_ENDS)))
    linked = {
        str(PurePosixPath(path).parent / link)
        for path in tree.files()
        if path.endswith(".md")
        for link in PICTURE.findall(tree.text(path))
    }
    assert linked
    none_of(f"{path} is not there" for path in linked - set(pictures))


def test_the_measure_of_browser_modules_counts_every_kind_of_function(tmp_path: Path) -> None:
    module = tmp_path / "one.js"
    module.write_text(
        "export function named() {\n  return 1;\n}\nconst arrow = () => {\n\n\n  return 2;\n};\n"
        "class Thing {\n  method() {\n    return arrow();\n  }\n}\n[1].map(function () {\n  return new Thing();\n});\n"
    )
    ((_, functions, opens),) = tree.measured((str(module),))
    assert not opens
    assert sorted((one.name, one.length) for one in functions) == [
        ("at line 10", 3), ("at line 14", 3), ("at line 4", 5), ("named", 3),
    ]  # fmt: skip
