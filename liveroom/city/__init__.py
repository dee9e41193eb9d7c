"""A city as data: what a pack in ``cities/`` says, checked whole at the start.

- `pack`: `load_city` reads and checks a pack; `check` lists its faults
- `city`: `City`, everything that the room asks of it; its rules, words, shifts and place names
- `categories`: categories and classes, and which category a text sounds like
- `agencies`: agencies, outside bodies and the channels by which work reaches them
- `areas`: districts and areas, their outlines, and the area of a point
- `outline_paths`: the outlines as paths of SVG
- `footprint`: where a warning touches the city
- `grid`: coarse places for whatever the public sees
- `calendar`: opening hours, holidays and seasons as working time
- `sheet`: YAML to typed sheets with every fault; keys and references
"""
