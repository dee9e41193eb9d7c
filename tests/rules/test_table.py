"""Every rule has a test whose name says it, or a reason why a machine cannot judge it; the page says which."""

import pytest

from tests.rules import table

RULES = table.rules()


def test_the_list_has_every_rule_once() -> None:
    assert [rule.number for rule in RULES] == list(range(1, 111))
    assert {rule.judged for rule in RULES} <= set(table.JUDGED)


def test_every_rule_has_a_test_or_a_reason() -> None:
    found = table.held()
    assert [rule for rule in RULES if rule.judged in ("", "part") and not found.get(rule.number)] == []
    assert [rule for rule in RULES if rule.judged and len(rule.remark) < 10] == []
    assert set(found) <= {rule.number for rule in RULES}


def test_the_page_has_the_table() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.written(), "python -m tests.rules.table writes it anew"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("test_a14_cr_44_45_46_delayed_then_lost", {44, 45, 46}),
        ("test_cr97_axe_finds_nothing", {97}),
        ("test_cr_03_nothing_before_75_percent", {3}),
        ("test_cr_76_cr_87_an_outline", {76, 87}),
        ("CR-16, 24 nothing sounds at load", {16, 24}),
        ("CR-16 acknowledging, 3 times", {16}),
        ("A19, CR-54: text has 4.5 to 1", {54}),
        ("the quiet ones are one key away (CR-22)", {22}),
        ("test_secret_12_is_none", set()),
    ],
)
def test_a_name_says_its_rules(name: str, said: set[int]) -> None:
    assert table.numbers(name) == said


SKIPPED = """
@pytest.mark.skip(reason="later")
def test_cr_10_skipped(): ...
@pytest.mark.xfail
def test_cr_11_expected_to_fail(): ...
@pytest.mark.skipif(not THERE, reason="not everywhere")
def test_cr_12_where_it_can(): ...
@pytest.mark.parametrize("n", [pytest.param(1, id="cr_13"), pytest.param(2, id="cr_14", marks=pytest.mark.xfail)])
def test_each(n): ...
"""


def test_what_is_skipped_or_expected_to_fail_holds_nothing() -> None:
    assert set().union(*(said for _, said in table.in_python(SKIPPED))) == {12, 13}
    assert list(table.in_python(f"pytestmark = pytest.mark.skip{SKIPPED}")) == []
    text = """test("CR-10 a", () => {});\ntest("CR-11 b", { skip: true }, () => {});\ntest.skip("CR-12 c", () => {});"""
    assert set().union(*(said for _, said in table.in_javascript(text))) == {10}
