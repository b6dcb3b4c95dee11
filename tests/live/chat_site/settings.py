"""As docs/howto/use-in-your-django-site.md has it. The rest is Django's default."""

import os
import pathlib

from teahouse.site.databases import database_from

SECRET_KEY = "of-the-chat-site-" + "x" * 40
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "tests.live.chat_site.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "teahouse.realtime",
    "teahouse.chat",
    "rest_framework",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEAHOUSE_DATA = os.environ["CHAT_SITE_DATA"]
DATABASES = {"default": database_from(None, data=pathlib.Path(TEAHOUSE_DATA), pool_threads=8)}
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.BasicAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
TEAHOUSE_CHAT = {"lobby_name": "Lobby"}
TEAHOUSE_REALTIME = {
    "application": "tests.live.chat_site.application.SiteChat",
    "namespaces": {
        "": {},
        **{name: {"kind": "logged", "may_subscribe": "application"} for name in ("room", "user", "site")},
    },
}
