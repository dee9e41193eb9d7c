"""Warnings of public services, by the Common Alerting Protocol (CAP) 1.2.

- `cap_document`: a document of XML as a `CapAlert`; every fault under the name of its element
- `cap_index`: what an Atom or RSS index of a service links
"""
