"""The citizens' pages under `/lapor`, for anybody without a log-in; docs/lapor.md describes them.

`routes`: the blueprint: every address of these pages.
`report`: the report form, its proof-of-work puzzle, and the upload of its pictures.
`follow`: the private link: status, history and pictures of one's own report; answer, reopen, rate.
`public_map`: the public map, with places made coarse; the files that the page loads for it.
`responses`: what the pages share: form fields, spam limits, rendering and headers.
"""
