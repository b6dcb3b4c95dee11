"""
The bytes that people attach: what they are (`media.py`), images made anew (`images.py`, `encoder.py`), what has come so
far (`incoming.py`), where they are kept (`storage.py`), which of them are asked for (`ranges.py`). No tables and no
rules on who may: those are in `selectors.files` and `services.files`.
"""
