"""Events, plans and tables as bytes on a terminal or in a pipe.

Knows widths, colours and Rich; decides nothing, and never calls the engine.
"""
