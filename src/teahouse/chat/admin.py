"""Notices in Django's admin: adding one publishes it; an action pushes it again. Rooms and messages are for reading."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from teahouse.chat.models import Message, Notice, Room
from teahouse.chat.services.notices import publish_notice, push_notice


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    list_display = ("title", "type", "author", "is_targeted", "asks_confirmation", "created_at")
    list_filter = ("type", "is_targeted", "asks_confirmation")
    search_fields = ("title", "content")
    actions = ("push_again",)

    def save_model(self, request: HttpRequest, obj: Notice, form: ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        notice = publish_notice(
            author=request.user,  # type: ignore[arg-type]
            title=obj.title,
            content=obj.content,
            type=obj.type,
            asks_confirmation=obj.asks_confirmation,
        )
        obj.pk, obj.created_at, obj.author_id = notice.pk, notice.created_at, notice.author_id
        obj._state.adding = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: its pushes are in the history, of which nothing is ever removed, and clients may ask for them."""
        return False

    @admin.action(description="Push again to whom it is for", permissions=["add"])
    def push_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        for notice in queryset:
            push_notice(actor=request.user, notice=notice)  # type: ignore[arg-type]
        messages.success(request, f"Pushed: {', '.join(notice.title for notice in queryset)}")


class _ForReading(admin.ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(_ForReading):
    list_display = ("__str__", "kind", "last_number", "created_at")


@admin.register(Message)
class MessageAdmin(_ForReading):
    # Direct messages are between their people: whoever administers the site does not read along by accident.
    list_display = ("room", "number", "author", "created_at")
    search_fields = ("body",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(room__kind=Room.Kind.PUBLIC).select_related("room", "author")
