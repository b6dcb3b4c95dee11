from django.urls import path

from tests.live.plain_site import views

urlpatterns = [
    path("healthz", views.healthz),
    path("token/<username>", views.token),
    path("subscription/<user_id>/<channel>", views.subscription),
    path("publish/<how>", views.publish),
    path("apublish", views.apublish),
    path("publish-on-the-loop", views.publish_on_the_loop),
    path("present/<channel>", views.present),
    path("apresent/<channel>", views.apresent),
    path("position/<channel>", views.position),
    path("aposition/<channel>", views.aposition),
    path("disconnect/<user_id>", views.disconnect),
    path("subscribe/<user_id>/<channel>", views.subscribe),
    path("deactivate/<user_id>", views.deactivate),
    path("note", views.note),
]
