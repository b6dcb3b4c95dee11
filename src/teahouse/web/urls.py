from django.urls import path

from teahouse.web import views

urlpatterns = [
    path("", views.home),
    path("classic", views.ClassicPage.as_view()),
    path("classic/", views.ClassicPage.as_view()),
    path("sign-in", views.SignInPage.as_view()),
    path("setup", views.SetupPage.as_view()),
    path("invite/<str:secret>", views.InvitePage.as_view()),
    path("favicon.ico", views.favicon),
]
