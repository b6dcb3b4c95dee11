"""What a site sets that has the engine in it. The rest is Django's default."""

import json
import os
import pathlib

from teahouse.site.databases import database_from

SECRET_KEY = "of-the-plain-site-" + "x" * 40
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "tests.live.plain_site.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "teahouse.realtime",
    "tests.live.plain_site",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
_data = pathlib.Path(os.environ["PLAIN_SITE_DATA"])
DATABASES = {"default": database_from(os.environ.get("PLAIN_SITE_DATABASE_URL"), data=_data, pool_threads=8)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TEAHOUSE_REALTIME = {
    "application": "tests.live.plain_site.application.BoardApplication",
    "redis_url": os.environ.get("PLAIN_SITE_REDIS_URL"),
    "redis_prefix": os.environ.get("PLAIN_SITE_PREFIX", "plain-site"),
    "namespaces": {
        "": {"may_subscribe": "signed_in"},
        "board": {"kind": "logged", "may_subscribe": "application"},
        "kept": {"kind": "kept", "may_subscribe": "signed_in", "may_read_history": "subscribers"},
        "watched": {"may_subscribe": "signed_in", "presence": True},
        "owner": {"may_subscribe": "tests.live.plain_site.application.is_owner"},
        "alone": {},
    },
}
# What a test sets beside that, or instead.
TEAHOUSE_REALTIME |= json.loads(os.environ.get("PLAIN_SITE_REALTIME", "{}"))
