#!/usr/bin/env python
"""Django's commands on this site's data: `.venv/bin/python manage.py shell`."""

import os
import sys

if __name__ == "__main__":
    # What is written into the data folder is for whoever runs the server.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teahouse.site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
