"""The language catalogues hold each text once, for every language, and nothing in the code but its key."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from string import Formatter

import pytest
from babel import Locale
from jinja2 import Environment, nodes

from liveroom.courier.letters import FIELDS as OF_LETTERS
from liveroom.domain.alarms.performance import Light
from liveroom.domain.alarms.records import RECORDS
from liveroom.domain.complaints.model import State
from liveroom.domain.events import Kind
from liveroom.domain.notifications import FOR_CITIZENS
from liveroom.domain.requests import Role
from liveroom.runtime.language import FOLDER, Text, catalogue
from tests.house import tree
from tests.house.test_shape import none_of

# The first parts of keys that Python and templates use; all others are the browser's.
OURS = (
    "account", "api", "citizen_page", "error", "feed_check", "hints", "letter", "login", "mail", "page", "public_map",
    "printed", "record", "status",
)  # fmt: skip
PART = r"[a-z0-9_]+"
KEY = re.compile(rf"({'|'.join(OURS)})(\.{PART})+")
# What looks like a key and is none: files; and in two modules the endpoints of the account's pages.
NO_KEY = re.compile(r".*\.(html|js|css|json)")
NO_KEYS_IN = ("display/auth/permissions.py", "display/description/page_routes.py")
# Where one language says without the number what another says with it.
FILLED_DIFFERENTLY = {"login.weak.variety"}
TEXTS = catalogue().texts


def is_ours(key: str) -> bool:
    return key.partition(".")[0] in OURS


def forms(text: Text) -> dict[str, str]:
    return {"": text} if isinstance(text, str) else dict(text)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# The catalogues themselves.


@pytest.mark.parametrize("language", TEXTS)
def test_a_catalogue_is_written_so_that_two_of_them_merge_by_key(language: str) -> None:
    kept = (FOLDER / f"{language}.json").read_text("utf-8")
    assert kept == json.dumps(json.loads(kept), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    none_of(key for key in TEXTS[language] if not re.fullmatch(rf"[a-z]\w*(\.{PART})+", key))


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_has_the_forms_of_its_language_and_none_is_empty(language: str) -> None:
    known = Locale.parse(language).plural_form.tags | {"other"}
    none_of(
        f"{key}: {sorted(said)}"
        for key, text in TEXTS[language].items()
        if (said := forms(text)).keys() not in ({""}, known) or not all(one.strip() for one in said.values())
    )


@pytest.mark.parametrize("language", TEXTS)
def test_the_locale_of_a_language_is_one_that_speaks_it(language: str) -> None:
    assert Locale.parse(str(TEXTS[language]["ui.locale"]), sep="-").language == language


def test_every_language_has_every_text() -> None:
    every = set().union(*TEXTS.values())
    none_of(f"{key} in {language}" for language, texts in TEXTS.items() for key in every - set(texts))


def test_a_text_is_filled_with_the_same_in_every_language() -> None:
    first, *others = TEXTS

    def filled(language: str, key: str) -> set[str]:
        """All forms together: one that is for 1 alone need not say the number."""
        return set().union(*map(placeholders, forms(TEXTS[language].get(key, "")).values()))

    none_of(
        f"{key}: {filled(first, key)} in {first}, {filled(other, key)} in {other}"
        for key in TEXTS[first]
        for other in others
        if key in TEXTS[other] and filled(first, key) != filled(other, key) and key not in FILLED_DIFFERENTLY
    )


# Keys and their users. A key that is put together (``f"status.step.{kind}"``) uses each key that fits it.


def in_python(source: str) -> Iterator[str]:
    """The keys in a module, each as a pattern; strings that are documentation hold none."""
    parsed = ast.parse(source)
    parts = {id(part) for node in ast.walk(parsed) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(parsed):
        if isinstance(node, ast.JoinedStr):
            pattern = "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else PART for part in node.values
            )
            if re.match(rf"({'|'.join(OURS)})\\\.", pattern) and re.fullmatch(r"[\w\\.\[\]+-]+", pattern):
                yield pattern
        elif isinstance(node, ast.Constant) and id(node) not in parts and _is_key(node.value):
            yield re.escape(str(node.value))


def _is_key(value: object) -> bool:
    return isinstance(value, str) and KEY.fullmatch(value) is not None and not NO_KEY.fullmatch(value)


def in_template(source: str) -> Iterator[str]:
    """The keys in a template, each as a pattern."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            yield from _patterns(call.args[0])


def _patterns(node: nodes.Expr | None) -> Iterator[str]:
    if isinstance(node, nodes.CondExpr):
        yield from (*_patterns(node.expr1), *_patterns(node.expr2))
    elif isinstance(node, nodes.Concat):
        # What stands in a template may name a part within a part: ``fault.description.long``.
        yield "".join(
            re.escape(str(one.value)) if isinstance(one, nodes.Const) else r"[a-z0-9_.]+" for one in node.nodes
        )
    elif isinstance(node, nodes.Const):
        yield re.escape(str(node.value))
    else:
        yield f"a key that nobody can look up: {node}"


def patterns() -> Iterator[tuple[str, str]]:
    """Where, and the pattern of a key."""
    for path in tree.house_files():
        yield from ((path, one) for one in in_python(tree.text(path)) if path not in NO_KEYS_IN)
    for path in tree.files():
        if path.startswith("templates/"):
            yield from ((path, one) for one in in_template(tree.text(path)))


@cache
def uses() -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(patterns()))


def test_every_key_has_a_text() -> None:
    known = {key for texts in TEXTS.values() for key in texts}
    whole = {re.escape(key) for key in known}  # most are named whole
    named = ((path, one, re.compile(one)) for path, one in uses() if one not in whole)
    none_of(f"{path}: {one}" for path, one, pattern in named if not any(map(pattern.fullmatch, known)))


def test_every_text_has_a_user() -> None:
    used = re.compile("|".join({one for _, one in uses()}))
    none_of(key for key in set().union(*TEXTS.values()) if is_ours(key) and not used.fullmatch(key))


def name(kind: Kind) -> str:
    return kind.value.partition(".")[2]


def put_together() -> Iterable[str]:
    """Keys that code puts together from a closed set, of which a single one could be missing."""
    to_agencies = {Kind.FORWARDED, Kind.COORDINATED, Kind.REOPENED, Kind.SENT_BACK, Kind.COMMENTED}
    for kind in {*to_agencies, Kind.DEADLINE_MULTIPLIED, Kind.ALARM_PAGED}:
        yield from (f"letter.subject.{name(kind)}", f"letter.sentence.{name(kind)}")
    for kind in FOR_CITIZENS:
        yield from (f"mail.subject.{name(kind)}", f"mail.sentence.{name(kind)}", f"status.step.{name(kind)}")
    for kind in Kind:
        subject = kind.value.partition(".")[0]
        if subject in ("complaint", "deadline"):  # a line of the desk's history, and who was faster with what
            yield from (f"desk.event.{name(kind)}", *((f"desk.event_done.{name(kind)}",) * (subject == "complaint")))
    yield from (f"letter.field.{field}" for field in OF_LETTERS)
    yield from (key for record in RECORDS.values() for key in record.keys.values())
    yield from (f"status.state.{state}" for state in State)
    yield from (f"page.role.{role}" for role in Role if role is not Role.SYSTEM)
    yield from (f"page.health.{light}" for light in Light)


@pytest.mark.parametrize("language", TEXTS)
def test_every_key_that_is_put_together_has_a_text(language: str) -> None:
    none_of(key for key in put_together() if key not in TEXTS[language])


def test_the_search_for_keys_finds_them() -> None:
    python = 'text("page.title", of)\ntext(f"status.step.{kind}", of)\nopen("account.html")\nf"record {n}"'
    assert list(in_python(python)) == [r"page\.title", rf"status\.step\.{PART}"]
    template = '{{ t("page.a" if one else "page.b") }}<p title="{{ t("page.c." ~ why) }}">{{ other("page.d") }}'
    assert set(in_template(template)) == {r"page\.a", r"page\.b", r"page\.c\.[a-z0-9_.]+"}
    assert [one for one in in_template("{{ t(key) }}") if KEY.match(one)] == []


# A language more is a file more.


def names_a_language(node: ast.AST) -> bool:
    """A comparison with a language's code, or a table with entries for several of them."""
    codes = set(catalogue().languages)
    if isinstance(node, ast.Compare) and all(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops):
        return any(isinstance(side, ast.Constant) and side.value in codes for side in (node.left, *node.comparators))
    if isinstance(node, ast.Dict | ast.Tuple):
        parts = node.keys if isinstance(node, ast.Dict) else node.elts
        return len(codes & {part.value for part in parts if isinstance(part, ast.Constant)}) > 1
    return False


def test_nothing_chooses_a_text_by_the_code_of_a_language() -> None:
    codes = set(catalogue().languages)
    found: list[str] = []
    for path in tree.house_files():
        if any(map(names_a_language, ast.walk(ast.parse(tree.text(path))))):
            found.append(path)
    for path in (path for path in tree.files() if path.startswith("templates/")):
        if any(
            node.value in codes for node in Environment(autoescape=True).parse(tree.text(path)).find_all(nodes.Const)
        ):
            found.append(path)
    assert found == []
