from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "teahouse.web"
    label = "teahouse_web"
    verbose_name = "Client"
