"""Serves the built client: its pages and its files. Holds no rule."""
