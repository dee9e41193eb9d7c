"""The page for everybody: report, follow by a private link, answer, judge; docs/lapor.md."""
