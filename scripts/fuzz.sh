#!/bin/bash
# Feeds the readers of bytes from outside with inputs that libFuzzer makes from the corpus: scripts/fuzz.sh [SECONDS] [TARGET...]
#
# Inputs that reach something unknown are added to the corpus in .build/fuzz; `scripts/fuzz.sh --merge` keeps the smallest set
# of those that is worth committing in Tests/Fuzz/Corpus. An input that fails lies in .build/fuzz/failures.
set -euo pipefail
cd "$(dirname "$0")/.."

targets=(envelope journal gguf safetensors cluster json template delta)
merge=
if [ "${1:-}" = --merge ]; then merge=1; shift; fi
seconds=600
if [[ "${1:-}" =~ ^[0-9]+$ ]]; then seconds=$1; shift; fi
[ $# -eq 0 ] || targets=("$@")

build=(swift build -c release --product ead-fuzz --sanitize fuzzer --sanitize address \
    -Xswiftc "-sanitize=fuzzer,address" -Xswiftc -Onone --scratch-path .build/fuzz/build)
EAD_FUZZ=1 "${build[@]}"
fuzz=$(EAD_FUZZ=1 "${build[@]}" --show-bin-path)/ead-fuzz

for target in "${targets[@]}"; do
    found=.build/fuzz/corpus/$target
    kept=Tests/Fuzz/Corpus/$target
    mkdir -p "$found" "$kept" .build/fuzz/failures
    # What other tests have, as it is in the tree.
    seeds=("$kept")
    longest=16384
    case $target in
        envelope) seeds+=(Tests/EADMessagesTests/Fixtures/v2) ;;
        gguf) longest=32768 ;;
        cluster) seeds+=(cluster) ;;
        template) seeds+=(Tests/EADTemplatesTests/Fixtures) longest=4096 ;;
        json) seeds+=(Tests/EADEvaluationTests/Fixtures) ;;
    esac
    if [ -n "$merge" ]; then
        EAD_FUZZ_TARGET=$target "$fuzz" -merge=1 -max_len="$longest" "$kept" "$found"
        continue
    fi
    echo "fuzz: $target, $seconds s"
    # Leaks are not looked for: the Swift runtime keeps what it caches.
    EAD_FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=0 "$fuzz" -max_total_time="$seconds" -max_len="$longest" -timeout=20 \
        -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=".build/fuzz/failures/$target-" "$found" "${seeds[@]}" \
        2>&1 | tee ".build/fuzz/$target.log" | grep -E "ERROR|Fatal|SUMMARY|DONE|stat::|Test unit" || true
    grep -q "Done " ".build/fuzz/$target.log" || { echo "fuzz: $target failed, see .build/fuzz/$target.log" >&2; exit 1; }
done
