#!/bin/sh
# Serve dist/ on port $1 as the image does: with its nginx configuration, in a folder of its own.
set -eu
PATH=$PATH:/usr/sbin
port=$1
folder=$(mktemp -d)

adapt() {
    sed -e "s#/tmp/app#$folder#" -e "s#/usr/share/nginx/html#\"$PWD/dist\"#" -e "s#listen 8080#listen 127.0.0.1:$port#" "$1"
}

adapt nginx/30-app-config.sh |
    VITE_OKTA_ISSUER=http://localhost:9000/oauth2/default VITE_OKTA_CLIENT_ID=0oalocalspa \
        VITE_API_URL=http://localhost:8000 sh
adapt nginx/default.conf >"$folder/app.conf"
# The paths that distributions compile in are for root alone.
cat >"$folder/nginx.conf" <<END
$([ "$(id -u)" -ne 0 ] || echo "user root;")
daemon off;
pid $folder/pid;
error_log stderr;
events {}
http {
    include $(nginx -V 2>&1 | sed -n 's#.*--conf-path=\([^ ]*\)/.*#\1#p')/mime.types;
    access_log off;
    client_body_temp_path $folder;
    proxy_temp_path $folder;
    fastcgi_temp_path $folder;
    uwsgi_temp_path $folder;
    scgi_temp_path $folder;
    include $folder/app.conf;
}
END
# A signal ends nginx first, which gets it too.
trap : INT TERM
nginx -c "$folder/nginx.conf" && rm -r "$folder"
