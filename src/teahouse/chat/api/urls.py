from django.urls import path

from teahouse.chat.api import views

urlpatterns = [
    path("notices", views.NoticesView.as_view()),
    path("notices/<int:notice_id>/push", views.NoticePushView.as_view()),
]
