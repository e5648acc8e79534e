#!/bin/sh
# Runs the transport's tests under ThreadSanitizer; takes minutes.
#
# TSan cannot see the Mutex of Swift's Synchronization module on Linux (it lives in the standard library, which is not
# instrumented) and reports every protected access. So a copy of the sources is tested in which a Mutex of pthreads,
# which TSan knows, shadows it; nothing else differs.
# usage: check-races.sh [SCRATCH-DIRECTORY]
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
scratch=${1:-$(mktemp -d)}
mkdir -p "$scratch/copy"
(cd "$root" && tar --exclude=.build --exclude=.git -cf - .) | tar -xf - -C "$scratch/copy"
cat >"$scratch/copy/Sources/EADTransport/Mutex.swift" <<'SWIFT'
import Glibc

final class PThreadMutex: @unchecked Sendable {
    let raw = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    init() { pthread_mutex_init(self.raw, nil) }
    deinit {
        pthread_mutex_destroy(self.raw)
        self.raw.deallocate()
    }
}

final class Mutex<Value>: @unchecked Sendable {
    private let lock = PThreadMutex()
    private var value: Value
    init(_ value: sending Value) { self.value = value }
    func withLock<R>(_ body: (inout Value) -> R) -> R {
        pthread_mutex_lock(self.lock.raw)
        defer { pthread_mutex_unlock(self.lock.raw) }
        return body(&self.value)
    }
}
SWIFT
# The import of the module being shadowed would otherwise be unused, which is an error here.
sed -i '/^import Synchronization$/d' "$scratch"/copy/Sources/EADTransport/*.swift \
    "$scratch"/copy/Sources/EADTransport/Poller/*.swift
cd "$scratch/copy"
log=$scratch/races.log
status=0
swift test --sanitize=thread --scratch-path "$scratch/build" --filter EADTransportTests >"$log" 2>&1 || status=$?
grep -E 'Test run with|error:|SUMMARY' "$log" || true
if [ "$status" -ne 0 ] || grep -q 'WARNING: ThreadSanitizer' "$log"; then
    echo "check-races: see $log" >&2
    exit 1
fi
echo "check-races: no data race"
