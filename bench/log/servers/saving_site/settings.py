"""The same database and the same promises of durability as Teahouse's."""

import os
import pathlib

from teahouse.site.databases import database_from

SECRET_KEY = "only-for-measuring"
ROOT_URLCONF = "bench.log.servers.saving_site.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["bench.log.servers.saving_site"]
DATABASES = {
    "default": {
        **database_from(os.environ.get("DATABASE_URL"), data=pathlib.Path(os.environ["TEAHOUSE_DATA"]), pool_threads=8),
    }
}
# Django's own backends, as such a site has them.
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    }
# Of one process; its boxes are large enough for all that is outstanding.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000}}}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
