from django.urls import path

from teahouse.chat.api import commands, files, views

urlpatterns = [
    path("notices", views.NoticesView.as_view()),
    path("notices/<int:notice_id>/push", views.NoticePushView.as_view()),
    path("rooms/<int:room_id>/files", files.RoomFilesView.as_view()),
    path("rooms/<int:room_id>/uploads/<str:client_key>", files.UploadView.as_view()),
    path("files/<int:file_id>", files.FileView.as_view()),
    path("files/<int:file_id>/thumbnail", files.ThumbnailView.as_view()),
    *commands.urlpatterns,
]
