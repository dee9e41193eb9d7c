"""The house style where a machine can read it: sizes, names, opening lines, and what never stands in a page."""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.house import tree

LONGEST_FUNCTION = 60  # lines: one thought; complexity is held to 10 by ruff
MIGRATIONS = "/migrations/versions/"  # records of tables, as long as the tables are
NAMES_THAT_SAY_NOTHING = {
    "util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc", "service", "stuff", "lib",
}  # fmt: skip
# A file is one thing that somebody would look up, whole; below this it belongs to its neighbour.
SHORTEST_FILE = 40
# Short by nature: the door of a command, and what is data and nothing else.
SHORT = {"cli/outbox.py"}
LONGEST_FILE = 700
# Above that because they are one list that is looked up by its names.
LONG = {"liveroom/log/schema.py": "every table", "liveroom/runtime/config.py": "every setting"}
LARGEST_FOLDER = 12
# One a kind of thing (a package, a subject, a read model): they are found by their names, however many there are.
LARGE_FOLDERS = {"liveroom": 16, "liveroom/domain": 16, "liveroom/projection": 20}
# A base name stands for one file, but for subjects that several packages know from their own side (`accounts/users.py`,
# `room/commands/users.py`), and for parts that every such folder has.
SUBJECTS = {
    "agencies", "alarms", "city", "clock_repair", "complaints", "desk", "erasure", "hazards", "imports", "lead", "oidc",
    "outbox", "room", "screens", "second_factor", "sources", "uploads", "users",
}  # fmt: skip
PARTS = {"commands", "evolve", "model", "requests", "responses", "routes"}
# The standard library's and the language's own words; all other names ending so are deeds and not things.
NOUNS_IN_ING = {
    "logging",
    "Opening",
    "Holding",
    "AuditFinding",
    "RepairFinding",
    "ProofFinding",
    "Closing",
    "Wording",
    "Setting",
    "mapping",
    "PayloadMapping",
}
# A docstring with words in it, perhaps under a first line for the shell.
OPENS = re.compile(r'(?:#[^\n]*\n|\s)*[rR]?"""\s*[^\s"]')
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


def test_a_file_is_one_thing_that_somebody_would_look_up() -> None:
    sizes = {path: tree.text(path).count("\n") for path in tree.house_files()}
    named = {path: size for path, size in sizes.items() if not path.endswith("__init__.py")}
    none_of(f"{path} has {size} lines" for path, size in named.items() if size < SHORTEST_FILE and path not in SHORT)
    none_of(f"{path} has {size} lines" for path, size in named.items() if size > LONGEST_FILE and path not in LONG)
    none_of(f"{path} is excepted and need not be" for path in LONG if named[path] <= LONGEST_FILE)


def test_a_folder_is_seen_at_a_glance() -> None:
    entries: dict[str, set[str]] = {}
    for path in tree.house_files():
        parts = PurePosixPath(path).parts
        for depth in range(1, len(parts)):
            entries.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
    counts = {folder: len(found - {"__init__.py"}) for folder, found in entries.items()}
    none_of(f"{folder}: {n}" for folder, n in counts.items() if n > LARGE_FOLDERS.get(folder, LARGEST_FOLDER))


def test_a_package_says_which_file_answers_which_question() -> None:
    modules = [PurePosixPath(path) for path in tree.house_files()]
    says = {path.parent: tree.text(str(path)) for path in modules if path.name == "__init__.py"}
    none_of(
        f"{path.parent}/__init__.py does not say what `{path.stem}` is for"
        for path in modules
        if path.name != "__init__.py" and path.parent in says and f"`{path.stem}`" not in says[path.parent]
    )


def test_a_name_stands_for_one_file_and_one_class() -> None:
    files: dict[str, list[str]] = {}
    classes: dict[str, list[str]] = {}
    for path in tree.house_files():
        files.setdefault(PurePosixPath(path).stem, []).append(path)
        for name in tree.classes(path):
            classes.setdefault(name, []).append(path)
    repeated = SUBJECTS | PARTS | {"__init__"}
    none_of(f"{name}: {paths}" for name, paths in files.items() if len(paths) > 1 and name not in repeated)
    none_of(f"{name} is listed and stands once" for name in SUBJECTS | PARTS if len(files[name]) < 2)
    none_of(f"{name}: {paths}" for name, paths in classes.items() if len(paths) > 1)
    deeds = {name for name in (*files, *classes) if name.endswith("ing")} - NOUNS_IN_ING
    none_of(f"{name}: {files.get(name) or classes[name]}" for name in deeds)


def test_files_and_folders_are_named_for_a_thing() -> None:
    code = (*tree.python_files(), *tree.python_files(tests=True), *tree.browser_files())
    named = {path: {part.split(".")[0].lower() for part in PurePosixPath(path).parts} for path in code}
    none_of(path for path, parts in named.items() if parts & NAMES_THAT_SAY_NOTHING)


def test_every_module_opens_by_saying_why_it_exists() -> None:
    paths = (*tree.python_files(), *tree.python_files(tests=True))
    silent = [path for path in paths if not OPENS.match(tree.text(path))]
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


def is_whole_png(raw: bytes) -> bool:
    return raw.startswith(PNG) and raw.endswith(PNG_ENDS)


def is_whole_webp(raw: bytes) -> bool:
    return raw[:4] + raw[8:12] == b"RIFFWEBP" and int.from_bytes(raw[4:8], "little") == len(raw) - 8


def test_a_picture_of_the_docs_is_one() -> None:
    """Whole from its first bytes to its last: one that was cut off or left empty shows nothing."""
    pictures = {path: (tree.ROOT / path).read_bytes() for path in tree.files() if path.startswith("docs/pictures/")}
    none_of(path for path, raw in pictures.items() if not (is_whole_png(raw) or is_whole_webp(raw)))
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
