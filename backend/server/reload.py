"""The settings of a start or a reload; a reload with invalid ones changes nothing."""

import logging
from dataclasses import dataclass
from typing import Final

from fastapi_okta_auth import SettingsError

from backend.server.settings import ServerSettings
from backend.settings import Settings, load_or_exit

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadedSettings:
    """Valid settings of the server and of the API."""

    server: ServerSettings
    api: Settings

    @property
    def one_worker(self) -> bool:
        """Whether used DPoP proofs are in memory: with more workers, each would accept a proof once."""
        return self.api.dpop != "off" and not self.api.dpop_replay_store.get_secret_value()


class SettingsOfNow:
    """Loads the settings at the start and at each reload, and keeps the last valid ones."""

    def __init__(self) -> None:
        self.valid = True
        self._last: LoadedSettings | None = None

    @property
    def last(self) -> LoadedSettings:
        """The last valid settings, which a worker inherits from the master."""
        return self._last or self.load()

    def load(self) -> LoadedSettings:
        """Return the settings; invalid ones exit with EX_CONFIG at the start, and are logged later."""
        if self._last is None:
            self._last = LoadedSettings(load_or_exit(ServerSettings), load_or_exit(Settings))
            return self._last
        try:
            self._last = LoadedSettings(ServerSettings.load(), Settings.load())
            self.valid = True
        except SettingsError as error:
            self.valid = False
            _log.error("the settings are invalid, so the previous ones stay in use: %s", error)
        return self._last


settings_of_now: Final = SettingsOfNow()
