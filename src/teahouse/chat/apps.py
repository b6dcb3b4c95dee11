from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save


class ChatConfig(AppConfig):
    name = "teahouse.chat"
    label = "chat"
    verbose_name = "Chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from teahouse.chat import newcomers

        post_save.connect(newcomers.welcome, sender=settings.AUTH_USER_MODEL, dispatch_uid="teahouse.chat.newcomers")
