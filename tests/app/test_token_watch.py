"""The token watch reads the output of other processes too."""

import subprocess
import sys

from local_okta.testing import OktaToken
from okta_support.token_watch import TokenWatch, watching

from tests.support.processes import Output


def test_part_of_a_token_in_the_output_of_a_process_is_found(
    okta_token: OktaToken, token_watch: TokenWatch
) -> None:
    """Both this watch and the watch of the whole run find it."""
    token = okta_token(jti="AT.printed")
    with watching() as watch:
        watch.tokens.add(token)
        printed = f"print('got ...{token[-40:-20]}')"
        with subprocess.Popen([sys.executable, "-c", printed], stdout=subprocess.PIPE, text=True) as process:
            Output(process.stdout).wait_for_end()
    assert watch.leaks() == {token}
    assert token in token_watch.leaks()
    token_watch.tokens.remove(token)
