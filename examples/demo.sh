#!/usr/bin/env bash
# A tour in under a minute: a base image, lint, format, two builds, a run, and the commands on images.
# Every command is printed before it runs. The image stores are in a temporary directory, which goes at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

bold='' plain=''
if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

say() { printf '\n%s\n' "$*"; }
show() {
    local word line=''
    for word in "$@"; do
        if [[ $word =~ [^A-Za-z0-9_./:=@-] ]]; then word="'$word'"; fi
        line+=" $word"
    done
    printf '\n%s$%s%s\n' "$bold" "$line" "$plain"
    "$@"
}

# Files of a rootless build belong to users that only its user namespace knows, and only there they can be removed.
clean_up() {
    rm -rf "$work" 2> /dev/null || unshare --map-auto --map-root-user rm -rf "$work" 2> /dev/null || rm -rf "$work"
}

if [ ! -x /bin/busybox ]; then show .ci/install busybox-static; fi
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v newuidmap > /dev/null; then show .ci/install uidmap; fi
    # The example has files of another user than root. Without root that takes ids that the system sets aside.
    for file in /etc/subuid /etc/subgid; do
        if grep -qsE "^($(id -un)|$(id -u)):" "$file"; then continue; fi
        first=$(cat /etc/subuid /etc/subgid 2> /dev/null | awk -F: -v next_id=100000 \
            '$2 + $3 > next_id { next_id = $2 + $3 } END { print next_id }')
        say "There are no ids for $(id -un) in $file; they are added now:"
        show sudo usermod "--add-${file#/etc/}s" "$first-$((first + 65535))" "$(id -un)"
    done
fi

work=$(mktemp -d)
trap clean_up EXIT
start=$SECONDS

say "A base image, made of Debian's static busybox:"
show python3 examples/make_busybox.py "$work/busybox"
show export DOCKERLANG_ROOT="$work/store"
show dockerlang load -i "$work/busybox"
show dockerlang tag busybox busybox:1

say "Are the Dockerfiles right, and in style?"
show dockerlang lint examples
show dockerlang format --check examples

say "A web server, and a site built on it by its triggers:"
show dockerlang build -t example/base:1 examples/base
show dockerlang build -t example/site:1 --build-arg VERSION=2.0 examples/site
show dockerlang run --rm --network none example/site:1 once

say "What came out:"
show dockerlang images
show dockerlang history example/site:1
show dockerlang inspect --format '{{json .Config}}' example/site:1

say "Nothing has changed, so nothing is done again:"
show dockerlang build -t example/site:1 --build-arg VERSION=2.0 examples/site

say "To another machine (here, another store):"
show dockerlang save -o "$work/site.tar" example/site:1
show dockerlang --root "$work/second" load -i "$work/site.tar"
show dockerlang --root "$work/second" images

say "Done in $((SECONDS - start)) seconds."
