"""Hooks: apps that post JSON of their own making to `/hooks/SOURCE`; docs/webhooks.md is the contract.

- `door`: which hooks the settings name, and what is answered to a request.
- `signature`: whether a request comes from whom it says: Standard Webhooks, plain HMAC, a shared token, a handshake.
- `mapping`: what a payload becomes, by a file of the city's pack.
"""
