"""The people of `--demo`. Their passwords are in the documentation, so the server listens on loopback only."""

from teahouse.accounts.models import User

NAMES = ("admin", "alice", "bob", "carol", "dave")


def make() -> None:
    """Those that are missing; the others stay as they are."""
    for name in NAMES:
        if User.objects.filter(username=name).exists():
            continue
        is_admin = name == "admin"
        user = User(username=name, name=name.capitalize(), is_staff=is_admin, is_superuser=is_admin)
        user.set_password(f"{name}-teahouse")
        user.save()


def are_others_here() -> bool:
    return User.objects.exclude(username__in=NAMES).exists()


def may_sign_in() -> bool:
    """Whether one of the demo people still has the password that everybody knows."""
    return any(user.check_password(f"{user.username}-teahouse") for user in User.objects.filter(username__in=NAMES))
