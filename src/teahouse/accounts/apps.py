from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "teahouse.accounts"
    label = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from teahouse.accounts import browser_sessions

        browser_sessions.follow_django_sign_in()
