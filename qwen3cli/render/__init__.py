"""Events, plans and tables as bytes on a terminal or in a pipe; web pages.

Knows widths, colours, Rich and HTML; decides nothing, and never calls the engine.
"""
