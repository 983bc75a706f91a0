"""Many sign-ins at once: how they end, and how long a signed-in neighbour waits meanwhile."""

from functools import partial

from bench.neighbours import flood
from support.running_server import ADMIN, Server, running

AT_ONCE = 60


def main() -> None:
    """Sign in at once with wrong passwords for many people, for one, and with right ones."""
    with running() as server:
        token = server.token()
        people = [person(server, number, token) for number in range(AT_ONCE)]
        me = partial(server.call, "/api/v1/me/", None, token)
        wrong = [partial(sign_in, server, email, "wrong") for email in people]
        flood(f"{AT_ONCE} wrong passwords of as many people", wrong, me)
        flood(
            f"{AT_ONCE} wrong passwords of one person",
            [partial(sign_in, server, ADMIN["email"], "wrong")] * AT_ONCE,
            me,
        )
        flood(
            f"{AT_ONCE} right passwords",
            [partial(sign_in, server, email, ADMIN["password"]) for email in people],
            me,
        )


def person(server: Server, number: int, token: str) -> str:
    """Add a person; return the e-mail address."""
    email = f"person{number}@example.org"
    server.call(
        "/api/v1/users/",
        {"email": email, "name": f"Person {number}", "password": ADMIN["password"]},
        token,
    )
    return email


def sign_in(server: Server, email: str, password: str) -> None:
    """Ask for a token."""
    server.call("/api/v1/tokens/", {"email": email, "password": password})
