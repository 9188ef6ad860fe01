"""Nonces are valid for one to two time steps, and no server stores them."""

import pytest
import time_machine

from backend.okta.nonce import STEP_SECONDS, Nonces

OLD, NEW = "o" * 32, "n" * 32
START = 1_800_000_000


@pytest.mark.parametrize(
    ("seconds", "accepted"),
    [
        pytest.param(0, True, id="at once"),
        pytest.param(STEP_SECONDS, True, id="one step later"),
        pytest.param(2 * STEP_SECONDS, False, id="two steps later"),
        pytest.param(-STEP_SECONDS, True, id="on a replica that is one step behind"),
        pytest.param(-2 * STEP_SECONDS, False, id="two steps before"),
    ],
)
def test_nonce_is_accepted_in_its_step_and_the_next(seconds: int, accepted: bool) -> None:  # noqa: FBT001
    """A replica whose clock is slightly behind accepts it too."""
    nonces = Nonces([NEW])
    with time_machine.travel(START, tick=False) as clock:
        nonce = nonces.current()
        clock.shift(seconds)
        assert nonces.accepts(nonce) is accepted


@time_machine.travel(START, tick=False)
def test_replicas_with_the_same_secret_accept_each_others_nonces() -> None:
    """Replicas share only the secret."""
    assert Nonces([NEW]).accepts(Nonces([NEW]).current())
    assert not Nonces([NEW]).accepts(Nonces([OLD]).current())


@time_machine.travel(START, tick=False)
def test_secret_can_be_replaced_without_a_refusal() -> None:
    """With two secrets, nonces of both are accepted, and new ones use the first."""
    both = Nonces([NEW, OLD])
    assert both.accepts(Nonces([OLD]).current())
    assert both.current() == Nonces([NEW]).current()


@pytest.mark.parametrize("nonce", [None, "", 1, True, [], {}, "é", "\ud800", "A" * 28, "A" * 10_000])
def test_anything_else_is_refused(nonce: object) -> None:
    """A nonce of another form is refused without an exception."""
    assert not Nonces([NEW]).accepts(nonce)


def test_nonce_fits_a_header() -> None:
    """It consists only of NQCHAR (RFC 9449 section 8.1), without padding."""
    nonce = Nonces([NEW]).current()
    assert len(nonce) == 28
    assert nonce.replace("-", "").replace("_", "").isalnum()
