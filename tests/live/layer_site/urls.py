from django.urls import path

from tests.live.layer_site import views

urlpatterns = [
    path("healthz", views.healthz),
    path("say/<group>", views.say),
    path("asay/<group>", views.asay),
    path("tell/<channel>", views.tell),
    path("add/<group>/<channel>", views.add),
    path("discard/<group>/<channel>", views.discard),
]
