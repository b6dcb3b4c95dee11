from django.urls import path, re_path

from teahouse.web import views

urlpatterns = [
    path("", views.ChatPage.as_view()),
    re_path(r"^(?:rooms|browse|saved|threads|notices|search|settings)(?:/.*)?$", views.ChatPage.as_view()),
    path("classic", views.ClassicPage.as_view()),
    path("classic/", views.ClassicPage.as_view()),
    path("sign-in", views.SignInPage.as_view()),
    path("setup", views.SetupPage.as_view()),
    path("invite/<str:secret>", views.InvitePage.as_view()),
    path("favicon.ico", views.favicon),
]
