"""What a reply changes in its thread: for entries, inside the batch's transaction."""

from django.db.models import F

from teahouse.chat import frames
from teahouse.chat.models import Thread, ThreadFollowing
from teahouse.chat.selectors.messages import thread_frame_of


def replied(
    *, root_id: int, room_id: int, root_author_id: int | None, author_id: int, number: int
) -> frames.Thread:
    """Count a reply. Whoever writes in a thread follows it, and so does whoever began it, unless they mute it."""
    thread, _ = Thread.objects.get_or_create(root_id=root_id, defaults={"room_id": room_id})
    Thread.objects.filter(pk=root_id).update(replies=F("replies") + 1, last_number=number)
    if root_author_id is not None:
        ThreadFollowing.objects.get_or_create(thread_id=root_id, user_id=root_author_id)
    ThreadFollowing.objects.update_or_create(
        thread_id=root_id, user_id=author_id, defaults={"read_number": number}, create_defaults={"read_number": number}
    )
    thread.refresh_from_db()
    return thread_frame_of(thread)
