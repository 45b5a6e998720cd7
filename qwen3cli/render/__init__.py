"""Views: events and tables as bytes on a terminal. Nothing in here knows an engine."""
