"""The built-in HTTP and websocket server: no client may hold it up, however slow, large or numerous what it sends.

- `eventlet_mode`: one hub; its runtime, HTTP protocol and websocket
- `thread_mode`, `thread_http`: plain threads; their runtime, and Werkzeug's server with our limits
- `http_bounds`: how much of a request is read and for how long; the listening socket; requests under way
- `websockets`: limits of messages, fragments and frames in both modes
- `garbage`: Python's garbage collection, so that none takes long
- `connections`: how many connections there may be, and which one is closed first
"""
