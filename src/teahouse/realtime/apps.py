from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    name = "teahouse.realtime"
    label = "teahouse_realtime"
    verbose_name = "Realtime"

    def ready(self) -> None:
        from teahouse.realtime import checks  # noqa: F401 (registers them)
