import Dispatch
import Glibc

/// The clock that is measured with.
struct Stopwatch {
    /// Processor time of all threads instead of wall-clock time.
    var processorTime: Bool

    /// Seconds since some moment.
    func now() -> Double {
        if self.processorTime { return ProcessUsage.now.processorSeconds }
        return Double(DispatchTime.now().uptimeNanoseconds) / 1e9
    }

    func seconds(_ body: () throws -> Void) rethrows -> Double {
        let start = self.now()
        try body()
        return self.now() - start
    }
}

/// What this process has used so far.
struct ProcessUsage {
    /// Of all threads.
    let processorSeconds: Double
    /// Highest resident set.
    let peakBytes: Double

    static var now: ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
        return ProcessUsage(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakBytes: Double(usage.ru_maxrss) * 1024)
    }
}
