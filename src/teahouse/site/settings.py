"""Django's settings, from `env.py`. One file: what differs between machines comes from the environment."""

import datetime
import os
import pathlib

from teahouse.site import env as environment
from teahouse.site import log
from teahouse.site.databases import database_from
from teahouse.site.folders import private_folder
from teahouse.site.hosts import allowed_hosts
from teahouse.site.secrets import kept_key

ENV = environment.read()
_PUBLIC_IS_HTTPS = (ENV.public_url or "").startswith("https://")
_POOL_THREADS = 8

TEAHOUSE_DATA = str(ENV.data_path)

DEBUG = ENV.debug
SECRET_KEY = kept_key(ENV.data_path, "secret-key")
ALLOWED_HOSTS = allowed_hosts(
    is_loopback=ENV.is_loopback,
    configured=environment.listed(ENV.allowed_hosts),
    public_url=ENV.public_url,
)
ROOT_URLCONF = "teahouse.site.urls"
ASGI_APPLICATION = "teahouse.site.asgi.application"

INSTALLED_APPS = [
    "teahouse.web",
    "teahouse.chat",
    "teahouse.accounts",
    "teahouse.realtime",
    "teahouse.site",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular_sidecar",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "teahouse.web.headers.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "teahouse.accounts.middleware.end_with_login_session",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Storage.

DATABASES = {"default": database_from(ENV.database_url, data=ENV.data_path, pool_threads=_POOL_THREADS)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People.

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["teahouse.accounts.backends.PasswordBackend"]
LOGIN_URL = "/sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SIMPLE_JWT = {
    # A key of its own: whoever learns one of the two can do nothing with the other.
    "SIGNING_KEY": kept_key(ENV.data_path, "token-key"),
    "ACCESS_TOKEN_LIFETIME": datetime.timedelta(minutes=ENV.access_token_minutes),
    "REFRESH_TOKEN_LIFETIME": datetime.timedelta(days=ENV.refresh_token_days),
    "UPDATE_LAST_LOGIN": False,
}

# HTTP.

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "teahouse.accounts.api.authentication.AccessTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["teahouse.site.parsers.FlatJSONParser"],
    "EXCEPTION_HANDLER": "teahouse.site.problems.problem",
    "DEFAULT_SCHEMA_CLASS": "teahouse.site.openapi.Schema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Teahouse",
    "DESCRIPTION": "The HTTP API of Teahouse (茶馆). Errors are problem details (RFC 9457).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "POSTPROCESSING_HOOKS": ["teahouse.site.openapi.add_components"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# Not the system's own folder, which may be memory.
FILE_UPLOAD_TEMP_DIR = private_folder(ENV.data_path / "uploads")
STATIC_URL = "/static/"
CSRF_TRUSTED_ORIGINS = [ENV.public_url] if ENV.public_url else []
# uvicorn has already put what a proxy on this machine says into the scheme; nobody else's word is taken.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _PUBLIC_IS_HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _PUBLIC_IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Language and time.

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [str(pathlib.Path(__file__).parents[1] / "locale")]
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = log.config(ENV.log_level)

# Ours.

TEAHOUSE_REALTIME = {
    "application": "teahouse.site.application.SiteApplication",
    "key": kept_key(ENV.data_path, "hint-key"),
    "redis_url": ENV.redis_url,
    "redis_prefix": ENV.redis_prefix,
    "allowed_origins": [
        *environment.listed(ENV.allowed_origins),
        *([ENV.public_url] if ENV.public_url else []),
    ],
    "allow_loopback_origins": ENV.is_loopback,
    "namespaces": {
        "": {},
        # Channels of the Channels layer's groups.
        "group": {},
        # Who has a page open, for the dots beside names.
        "online": {
            "may_subscribe": "signed_in",
            "presence": True,
            "may_read_presence": "subscribers",
            "join_leave": True,
        },
        **environment.namespaces_in(ENV.namespaces),
        # Those of the chat, whose history is the database.
        **{name: {"kind": "logged", "may_subscribe": "application"} for name in ("room", "user", "site")},
    },
    "tokens": {
        "hmac_key": ENV.token_key or kept_key(ENV.data_path, "connection-key"),
        # Another system's tokens name no audience.
        "connection_audience": None if ENV.token_key else "teahouse-connection",
        "subscription_audience": None if ENV.token_key else "teahouse-subscription",
    },
    "api_key": ENV.api_key,
    "allow_strangers": ENV.allow_strangers,
    "personal_channels": ENV.personal_channels,
    "sends_per_second": ENV.sends_per_second,
    "send_burst": ENV.send_burst,
    "max_connections_per_user": ENV.max_connections_per_user,
    "pool_threads": _POOL_THREADS,
    "ping_interval_seconds": ENV.ping_interval_seconds,
    "ping_timeout_seconds": ENV.ping_timeout_seconds,
    "drain_seconds": ENV.drain_seconds,
}
# People that only another system knows may connect too, if it has the key to make tokens for them.
TEAHOUSE_MAY_BE_STRANGERS = ENV.token_key is not None or ENV.allow_strangers
TEAHOUSE_CHAT = {"lobby_name": ENV.lobby_name}
# No setting, but what `teahouse up` on loopback says of itself: only this machine's people are expected.
TEAHOUSE_AT_HOME = os.environ.get("_TEAHOUSE_AT_HOME") == "1"
