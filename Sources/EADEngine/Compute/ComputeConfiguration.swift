package import EADCore

/// How the engine computes: the arithmetic and the threads. Results depend on the first only.
package struct ComputeConfiguration: Sendable, Hashable {
    package var precision: Precision
    /// Threads that compute, the calling one included; at least 1.
    package var threads: Int

    package init(precision: Precision, threads: Int) {
        precondition(threads >= 1, "at least the calling thread computes")
        self.precision = precision
        self.threads = threads
    }
}
