package import EADCore

/// How the engine computes. Results depend on the precision, and gradients on the limit of rows; on nothing else.
package struct ComputeConfiguration: Sendable, Hashable {
    package var precision: Precision
    /// Threads that compute, the calling one included; at least 1.
    package var threads: Int
    /// Positions computed in one micro-batch at most, unless a single group has more; at least 1.
    package var rowLimit: Int
    /// Rows whose logits are in memory at once; at least 1.
    package var logitRows: Int

    package init(precision: Precision, threads: Int, rowLimit: Int = 1024, logitRows: Int = 64) {
        precondition(threads >= 1, "at least the calling thread computes")
        precondition(rowLimit >= 1 && logitRows >= 1, "rows are computed")
        self.precision = precision
        self.threads = threads
        self.rowLimit = rowLimit
        self.logitRows = logitRows
    }
}
