"""The citizens' pages under `/lapor`, and `/open-data`, for anybody without a log-in; docs/lapor.md describes them.

`routes`: the blueprint: every address of these pages.
`report`: the report form, its proof-of-work puzzle, and the upload of its pictures.
`follow`: the private link: status, history and pictures of one's own report; answer, reopen, rate.
`public_map`: the public map, with places made coarse; the files that the page loads for it.
`open_data_page`: the page and the files of open data.
`responses`: what the pages share: form fields, spam limits, rendering and headers.
"""
