from django.urls import include, path

from tests.live.chat_site import views

urlpatterns = [
    path("healthz", views.healthz),
    path("token/<username>", views.token),
    path("shipped/<username>", views.shipped),
    path("api/", include("teahouse.chat.api.urls")),
]
