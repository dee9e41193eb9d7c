"""The description of the interface: every HTTP route as OpenAPI 3.1, the feed as AsyncAPI 3, and the page `/api`.

- `room_routes`: what is known of the routes of desks, commands, feed, figures, health (the doors for apps are in
  `ingest/intake_routes`)
- `page_routes`: of pages, files, citizens' and agencies' links; what is no interface, and why
- `complaint_shapes`, `room_shapes`, `feed_shapes`, `figure_shapes`: the types of what is sent and answered
- `openapi`, `asyncapi`: the documents made of them
- `reference`: the same as rows for people
- `documents`: all of it for one room; `interface_page`: the three routes
"""
