"""What a reply changes in its thread: for entries, inside the batch's transaction."""

from teahouse.chat import frames
from teahouse.chat.models import Thread, ThreadFollowing
from teahouse.chat.selectors.messages import thread_frame_of


def replied(*, root_id: int, room_id: int, root_author_id: int | None, author_id: int, number: int) -> frames.Thread:
    """
    Count a reply. Whoever writes in a thread follows it and has read it; whoever began it follows it with each reply of
    others, unread from the first of these on. Neither when they mute it. Clients conclude the same (`MessagePosted`).
    """
    thread, _ = Thread.objects.get_or_create(root_id=root_id, defaults={"room_id": room_id})
    # The room's lock is held: nobody else counts.
    thread.replies += 1
    thread.last_number = number
    thread.save(update_fields=["replies", "last_number"])
    if root_author_id is not None and root_author_id != author_id:
        ThreadFollowing.objects.get_or_create(
            thread_id=root_id, user_id=root_author_id, defaults={"read_number": number - 1}
        )
    ThreadFollowing.objects.update_or_create(thread_id=root_id, user_id=author_id, defaults={"read_number": number})
    return thread_frame_of(thread, root_author_id)
