"""The web side for people: pages, API and feed.

- `auth`: who makes a request, what they may use, and how they log in.
- `api`: the HTTP API: commands and lists.
- `pages`: the HTML pages of screens, desks, agencies and leadership.
- `feed`: the live feed over Socket.IO.
- `figures`: the figures of the wall and of leadership.
- `citizens`: the public pages: report, follow, map.
"""
