#!/bin/sh
# Installs the four commands with shell completions and man pages. Called by `make install`, after a release build.
# usage: install.sh PREFIX        DESTDIR in the environment comes before it
set -eu
cd "$(dirname "$0")/.."
prefix=${DESTDIR:-}${1:?usage: install.sh PREFIX}
commands="ead-controller ead-learner ead-worker ead-ctl"

for command in $commands; do
    install -D -m 755 ".build/release/$command" "$prefix/bin/$command"
done

completions() {
    for command in $commands; do
        mkdir -p "$prefix/share/$2"
        ".build/release/$command" --generate-completion-script "$1" >"$prefix/share/$2/$3$command$4"
    done
}
completions bash bash-completion/completions "" ""
completions zsh zsh/site-functions _ ""
completions fish fish/vendor_completions.d "" .fish

# One page a command and subcommand, made by ArgumentParser's generator.
log=$(mktemp)
if ! swift package generate-manual --multi-page >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "install: no man pages" >&2
    exit 1
fi
rm -f "$log"
mkdir -p "$prefix/share/man/man1"
find .build/plugins/GenerateManual/outputs -name 'ead-*.1' -exec install -m 644 {} "$prefix/share/man/man1/" \;
echo "installed in $prefix"
