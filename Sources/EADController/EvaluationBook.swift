import EADCore
import EADMessages

/// The evaluations of a run: those that are made, and one that an operator asked for.
struct EvaluationBook: Sendable {
    /// In the order they were made; of each version at most one per number of samples.
    private(set) var reports: [EvaluationReport]
    /// Asked for and not made yet.
    private(set) var requested: EvaluationRequest?

    init(_ snapshot: RunSnapshot) {
        self.reports = snapshot.evaluations
        self.requested = snapshot.requested
    }

    func has(_ version: PolicyVersion, samples: UInt32) -> Bool { self.place(of: version, samples) != nil }
    func answers(request: UInt64) -> Bool { self.reports.contains { $0.request == request } }

    /// An operator asks for what is made already: that report answers it.
    mutating func answer(request: UInt64, with version: PolicyVersion, samples: UInt32) {
        guard let place = self.place(of: version, samples) else {
            preconditionFailure("an evaluation that is not made")
        }
        self.reports[place].request = request
    }

    /// An operator asks for an evaluation to be made.
    mutating func request(_ request: EvaluationRequest) { self.requested = request }

    /// An evaluation is made; it answers a request for as many samples, too.
    mutating func add(_ report: EvaluationReport) {
        var report = report
        if let requested = self.requested, requested.samples == report.samples {
            report.request = requested.number
            self.requested = nil
        }
        self.reports.append(report)
    }

    /// The versions after this one have yet to be made again.
    mutating func forget(after version: PolicyVersion) { self.reports.removeAll { $0.version > version } }

    private func place(of version: PolicyVersion, _ samples: UInt32) -> Int? {
        self.reports.firstIndex { $0.version == version && $0.samples == samples }
    }
}
