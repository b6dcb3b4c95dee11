"""Teahouse (茶馆): a self-hosted real-time chat and push server for Django."""

__version__ = "0.0.1"
