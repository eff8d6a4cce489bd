"""The Python client renews its token on the open socket, and replaces one that is refused."""

from __future__ import annotations

from ..rest import Account
from ..system import System, wait_until
from .follower import Follow


def test_the_python_client_renews_its_token_on_the_open_socket(hasty: System, follow: Follow) -> None:
    """Tokens of three seconds, and a connection that outlives the first by far."""

    def fresh() -> str:
        return Account.sign_in(hasty.ports, "chatbot@demo.test", "demo-password-1").token

    chatbot = follow(hasty, "chatbot", fresh)
    chatbot.availability()
    wait_until(lambda: len(chatbot.fresh) >= 5, 20, lambda: f"only {len(chatbot.fresh)} tokens were fetched")
    assert chatbot.connections == 1
    assert chatbot.fresh[:3] == [False, True, True]
    assert chatbot.errors == []


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
