"""The HTML pages of screens, desks, agencies and leadership; the data in them comes by the feed and the API.

- `page`: what all pages share: rendering, language, the page shown instead of a closed one.
- `wall`: ``/``, ``/wall``, ``/province`` of a room that follows others, and the pairing of a new screen.
- `desk`: ``/desk`` and the pages below it, and the header above them.
- `alarm_health`: the figures of ``/desk/alarms/health`` and of ``/metrics`` about alarms.
- `handover_page`: ``/desk/handover``, what happened in a shift, to be read, printed and signed for.
- `agency`: ``/agency``, and the page behind a signed link to one complaint.
- `lead`: ``/lead`` and ``/evaluation``, for heads of agencies and leadership, the latter for supervisors too.
- `assets`: the styles and scripts of every page, bundled at set-up or each by itself.
- `map`: the base map under the incidents, and the PMTiles archive below it.
"""
