"""Settings of the article's site. BENCH_LAYER says which channel layer: memory, core or pubsub."""

import os

SECRET_KEY = os.environ["BENCH_SECRET"]
ALLOWED_HOSTS = ["*"]
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "rest_framework",
    "rest_framework_simplejwt",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_GROUP_NAME = "lobby"
_REDIS = {"hosts": [os.environ.get("BENCH_REDIS_URL")]}
CHANNEL_LAYERS = {
    "default": {
        "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
        "core": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": _REDIS},
        "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": _REDIS},
    }[os.environ["BENCH_LAYER"]]
}
