"""Web pages of our own design: each one file, for any browser, that asks nothing of the network.

Knows HTML, CSS and what a page shows, as values; knows no model, no document and no terminal. Whatever stands in those values
is a stranger's text: Jinja escapes all of it, and an address becomes a link only if it is one of the web or of mail.
"""
