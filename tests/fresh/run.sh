#!/usr/bin/env bash
# Follow the README on bare Debian machines: bookworm (Python 3.11), trixie (3.13), sid (3.14).
#
#   sudo tests/fresh/run.sh [SUITE...]
#
# Each machine is a chroot with the packages that the README requires. An ordinary user runs `make run`, the printed
# curl, Ctrl-C and `make test`, in a folder with a space in its name. Needs root and mmdebstrap; uses ports 8000 and 9000.
set -euo pipefail

root=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
work=$(mktemp -d)
trap 'cleanup' EXIT

cleanup() {
    # The deepest first. An interrupted mmdebstrap leaves some, too.
    awk -v work="$work/" 'index($2, work) == 1 { print $2 }' /proc/mounts | tac | while read -r mount; do
        umount "$mount"
    done
    rm -rf --one-file-system "$work"
}

# This machine's own certificate authorities and registry settings, if it has any.
copy_network_settings() {
    local machine=$1 file
    for file in /etc/resolv.conf /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
        [ -e "$file" ] && install -D -m 644 "$(readlink -f "$file")" "$machine$file"
    done
    env | grep -E '^(PIP_CERT|PIP_INDEX_URL|PIP_DEFAULT_TIMEOUT|SSL_CERT_FILE|HTTPS?_PROXY|NO_PROXY)=' >"$machine/etc/environment" || true
}

# How this machine's apt treats its mirror, for example one with old release files.
mapfile -t apt_options < <(apt-config dump | sed -n 's/^\(Acquire::Check-[A-Za-z-]*\) "\(.*\)";$/--aptopt=\1 "\2"/p')

[ $# -gt 0 ] || set -- bookworm trixie sid
for suite; do
    machine=$work/$suite
    echo "=== $suite: creating the machine"
    mmdebstrap --quiet --variant=minbase "${apt_options[@]}" \
        --include=ca-certificates,curl,make,procps,python3,python3-venv "$suite" "$machine" 2>"$work/$suite.log"
    echo "127.0.0.1 localhost" >"$machine/etc/hosts" # as Debian's installer does
    copy_network_settings "$machine"
    mount -t proc proc "$machine/proc"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$machine/dev/pts"
    ln -sf pts/ptmx "$machine/dev/ptmx"
    mount -t tmpfs -o mode=1777 tmpfs "$machine/dev/shm"
    useradd --root "$machine" --create-home --shell /bin/bash user
    mkdir "$machine/home/user/my service"
    git -C "$root" archive HEAD | tar -x -C "$machine/home/user/my service"
    chroot "$machine" chown -R user: /home/user
    env -i "$(command -v chroot)" "$machine" su - user -c 'cd "my service" && set -a && . /etc/environment && python3 tests/fresh/follow_readme.py'
    echo "=== $suite: passed"
done
