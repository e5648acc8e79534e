package import EADTelemetry

/// A fine-tuning as a report needs it: what it was told to do, and what it wrote down.
package struct ReportedFineTuning: Sendable {
    package let name: String
    /// By name, those that weights depend on and the others.
    package let settings: [String: String]
    /// Places of the log that hold no record.
    package let damagedLines: [String]
    package let plannedSteps: Int
    let course: RecordedCourse

    package init(name: String, settings: [String: String], records: [RunRecord], damagedLines: [String]) {
        self.name = name
        self.settings = settings
        self.damagedLines = damagedLines
        self.plannedSteps = settings["steps"].flatMap { Int($0) } ?? 0
        self.course = RecordedCourse(records, plannedSteps: self.plannedSteps, samples: nil)
    }

    package var stepsDone: Int { self.course.stepsDone }
    package var isFinished: Bool { self.course.isFinished }
    package var minutes: Double { self.course.minutes }

    /// Of the looks at held-out demonstrations, in order.
    package var heldOutLosses: [Double] {
        self.course.evaluations.sorted { $0.key < $1.key }.compactMap { $0.value[\.heldOutLoss] }
    }
}
