"""All but the setup, which the site adds to."""

from django.urls import path

from teahouse.accounts.api import views

urlpatterns = [
    path("auth/session", views.SessionView.as_view()),
    path("auth/token", views.TokenView.as_view()),
    path("auth/token/refresh", views.TokenRefreshView.as_view()),
    path("auth/connection-token", views.ConnectionTokenView.as_view()),
    path("auth/access-token", views.AccessTokenView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("users", views.PeopleView.as_view()),
]
