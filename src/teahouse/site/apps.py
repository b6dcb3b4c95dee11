from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "teahouse.site"
    label = "teahouse_site"
    verbose_name = "Teahouse"

    def ready(self) -> None:
        from teahouse.site import checks, durability  # noqa: F401 (register theirs)
