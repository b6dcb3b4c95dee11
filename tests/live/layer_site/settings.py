"""No database: who connects on the native door is nobody."""

import os

SECRET_KEY = "of-the-layer-site-" + "x" * 40
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.live.layer_site.urls"
INSTALLED_APPS = ["teahouse.realtime"]
USE_TZ = True
CHANNEL_LAYERS = {"default": {"BACKEND": "teahouse.realtime.layer.TeahouseLayer", "CONFIG": {"capacity": 1_000}}}
TEAHOUSE_REALTIME = {
    "application": "teahouse.realtime.application.BaseApplication",
    "key": "k" * 32,
    "redis_url": os.environ.get("LAYER_SITE_REDIS_URL"),
    "redis_prefix": os.environ.get("LAYER_SITE_PREFIX", "layer-site"),
    "allow_strangers": True,
    "namespaces": {"group": {"may_subscribe": "anyone", "may_publish": "anyone"}},
}
