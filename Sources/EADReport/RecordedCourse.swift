import EADCore
import EADTelemetry

/// How a run went, by the records of its log.
struct RecordedCourse: Sendable {
    /// Updates by step; of a step trained again, the last.
    private(set) var steps: [UInt64: MetricValues] = [:]
    /// Evaluations by step; of a repeated one, the last with the number of samples of the settings, if there is one.
    private(set) var evaluations: [UInt64: MetricValues] = [:]
    /// Time the run was up, in minutes: each start to the last record before the next one.
    let minutes: Double
    let isFinished: Bool

    /// - Parameter samples: Responses per problem, as planned; nil where evaluations have no such number.
    init(_ records: [RunRecord], plannedSteps: Int, samples: Double?) {
        func isPlanned(_ values: MetricValues) -> Bool { values[\.evaluatedSamples] == samples }
        var seconds = 0.0
        var started = records.first?.time ?? 0
        var last = started
        // A finished run that is started again says nothing more of its end, unless it goes on.
        var hasEnded = false
        for record in records {
            switch record.kind {
            case .step:
                self.steps[record.step.rawValue] = record.values
                hasEnded = false
            case .evaluation:
                let present = self.evaluations[record.step.rawValue]
                if isPlanned(record.values) || !(present.map(isPlanned) ?? false) {
                    self.evaluations[record.step.rawValue] = record.values
                }
            case .event:
                switch record.notes["event"] {
                case "started":
                    seconds += last - started
                    started = record.time
                    // It may have been given more steps since.
                    hasEnded = hasEnded && Self.done(self.steps) >= plannedSteps
                case "finished": hasEnded = true
                case "rewound": hasEnded = false
                default: break
                }
            }
            last = record.time
        }
        self.minutes = max(0, seconds + last - started) / 60
        self.isFinished = hasEnded
    }

    private static func done(_ steps: [UInt64: MetricValues]) -> Int { steps.keys.max().map { Int($0) + 1 } ?? 0 }

    /// Updates that are done.
    var stepsDone: Int { Self.done(self.steps) }
}
