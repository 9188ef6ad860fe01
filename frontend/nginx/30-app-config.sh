#!/bin/sh
# Write the app's settings and nginx's policy from the environment, or refuse to start. $1: the folder to write to.
set -eu
LC_ALL=C
out=${1:-/tmp/app}

fault() {
    echo "$1" >&2
    exit 78
}

# No character allowed here can end a string in JavaScript or in nginx's configuration.
check_url() {
    case $2 in
    '') fault "$1: missing; set it to a URL, for example $3" ;;
    *[!A-Za-z0-9._~:/%-]*) ;;
    http://?* | https://?*) return ;;
    esac
    fault "$1: not an http(s) URL; use a full one, for example $3"
}

check_client_id() {
    case $1 in
    '') fault "VITE_OKTA_CLIENT_ID: missing; set it to the client ID of your single-page application" ;;
    *[!A-Za-z0-9._~-]*) fault "VITE_OKTA_CLIENT_ID: not a client ID; copy it from the Okta Admin Console again" ;;
    esac
}

check_flag() {
    case $2 in
    true | false) ;;
    *) fault "$1: must be true or false" ;;
    esac
}

check_flag VITE_DPOP "${VITE_DPOP:-false}"
case ${VITE_IDLE_MINUTES:-0} in
*[!0-9]* | ?????*) fault "VITE_IDLE_MINUTES: must be 2 to 1440, or 0 to sign nobody out" ;;
esac

origin() {
    echo "$1" | sed -E 's#^(https?://[^/]+).*#\1#'
}

# The API accepts lists; the first client is the app, which signs in at the first issuer.
client_id=${VITE_OKTA_CLIENT_ID%%,*}
issuer=${VITE_OKTA_ISSUER%%,*}
check_url VITE_OKTA_ISSUER "$issuer" https://dev-123456.okta.com/oauth2/default
check_url VITE_API_URL "$VITE_API_URL" https://api.example.com
check_client_id "$client_id"

# The local Okta is there for development, and so is the console.
case $issuer in
http://localhost:*) console=${VITE_CONSOLE:-true} ;;
*) console=${VITE_CONSOLE:-false} ;;
esac
check_flag VITE_CONSOLE "$console"

okta=$(origin "$issuer")
api=$(origin "$VITE_API_URL")
live=ws${api#http}
mkdir -p "$out"
cat >"$out/config.js" <<END
window.__CONFIG__ = { issuer: "$issuer", clientId: "$client_id", apiUrl: "$VITE_API_URL", dpop: ${VITE_DPOP:-false}, console: $console, idleMinutes: ${VITE_IDLE_MINUTES:-0} };
END
# Without a usable refresh token, Okta's SDK renews tokens in a hidden frame.
cat >"$out/policy.conf" <<END
add_header Content-Security-Policy "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src $okta $api $live; frame-src $okta; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" always;
END
