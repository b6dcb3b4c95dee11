from django.apps import AppConfig


class PlainSiteConfig(AppConfig):
    name = "tests.live.plain_site"
    label = "plain_site"
