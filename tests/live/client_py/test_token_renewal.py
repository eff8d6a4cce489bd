"""The Python client renews its token on the open socket, and replaces one that is refused."""

from __future__ import annotations

from dental_sync_client import VisitorSession

from ..rest import Account
from ..system import System, wait_until
from .follower import Follow


def test_the_python_client_renews_its_token_on_the_open_socket(hasty: System, follow: Follow) -> None:
    """Tokens of three seconds, and a connection that outlives the first by far; a visitor's as an account's."""

    def fresh() -> str:
        return Account.sign_in(hasty.ports, "chatbot@demo.test", "demo-password-1").token

    visitor = VisitorSession(hasty.url())
    followers = [follow(hasty, "chatbot", fresh), follow(hasty, "chatbot", lambda: visitor.get_token(True))]
    for follower in followers:
        follower.availability()
    for follower in followers:
        wait_until(lambda who=follower: len(who.fresh) >= 5, 20, lambda: "too few tokens were fetched")
        assert follower.connections == 1
        assert follower.fresh[:3] == [False, True, True]
        assert follower.errors == []


def test_the_python_client_replaces_a_token_that_is_refused(system: System, follow: Follow) -> None:
    """By a fresh one, once; and it asks for signs of life when it is told to."""
    chatbot = follow(system, "chatbot", lambda: system.account("chatbot").token if chatbot.fresh[-1] else "stale")
    chatbot.sync.start_heartbeat(0.1)
    chatbot.availability()
    assert chatbot.fresh == [False, True]
    assert [error.code for error in chatbot.errors] == ["unauthorized"]
    wait_until(
        lambda: [event for event, _ in chatbot.wire].count("heartbeat (acknowledgement)") >= 2,
        10,
        lambda: "no heartbeat was answered",
    )
    hopeless = follow(system, "chatbot", lambda: "stale")
    hopeless.sync.subscribe_to_global_availability()
    wait_until(lambda: hopeless.sync.state.status == "closed", 10, lambda: "it goes on trying")
    assert hopeless.fresh == [False, True]
    assert [(error.code, error.retryable) for error in hopeless.errors] == [
        ("unauthorized", True),
        ("unauthorized", False),
    ]
