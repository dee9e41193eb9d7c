"""The licence is the official text, whole, and the notice names the data of others that every copy carries."""

import hashlib
import re
from pathlib import PurePosixPath

from tests.shape import tree

# Of https://www.apache.org/licenses/LICENSE-2.0.txt: its 202 lines to the letter, the appendix left unfilled.
OFFICIAL = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
QUOTED = re.compile(r"^> (.+)$", re.MULTILINE)


def test_the_licence_is_the_official_text() -> None:
    assert hashlib.sha256((tree.ROOT / "LICENSE").read_bytes()).hexdigest() == OFFICIAL


def test_the_notice_has_every_pack_and_every_attribution_that_a_pack_asks_for() -> None:
    packs = {path for path in tree.files() if PurePosixPath(path).match("cities/*/README.md")}
    asked = {line for path in packs for line in QUOTED.findall(tree.text(path))}
    assert len(asked) > 1
    notice = tree.text("NOTICE")
    assert [line for line in asked if line not in notice] == []
    assert [path for path in packs if path.removesuffix("README.md") not in notice] == []
