"""What verifier and keys tell of their work, for whoever wants to count it."""


class Observer:
    """Does nothing by itself: subclass it, override what you want to know, pass it to both.

    Its methods are called on the request path, so they must be quick and must not raise.
    """

    def token_remembered(self) -> None:
        """A token had been verified before, and still counts."""

    def token_verified(self, seconds: float) -> None:
        """A token that was not remembered has its verdict, good or bad, after `seconds`."""

    def keys_fetched(self, held: int, *, ok: bool) -> None:
        """A fetch of the key set has ended, and `held` keys are held now."""
