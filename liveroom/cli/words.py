"""Finds the command in the words of a call before click is imported; options with a value are skipped with it."""

WITH_VALUE = ("--speed", "--from")


def command_of(words: list[str]) -> str | None:
    """The first word that is neither an option nor an option's value; None if there is none."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word
    return None
