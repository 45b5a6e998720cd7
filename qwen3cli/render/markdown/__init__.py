"""Markdown on a terminal: CommonMark and tables, drawn while it comes.

`source` finds the blocks, `literal` what is no Markdown inside them, `inline`, `code` and `table` make text of them,
`stream` decides what is finished and what is still open.
"""
