/// A value that no setting changes, because nobody has had a reason to; cluster/README.md lists them.
package struct FixedValue<Value: Sendable>: Sendable {
    /// What it is called in the documentation.
    let name: String
    package let value: Value
    let meaning: String

    fileprivate init(_ name: String, _ value: Value, _ meaning: String) {
        self.name = name
        self.value = value
        self.meaning = meaning
    }
}

/// The deadlines and limits of the cluster beside those of its file.
package enum Fixed {
    // MARK: Roles

    package static let tick = FixedValue(
        "tick", Duration.milliseconds(100), "How often a role looks at the clock.")
    package static let workerDrain = FixedValue(
        "worker drain", Duration.seconds(20),
        "How long a worker that was told to leave waits for its last groups to be generated and acknowledged.")
    package static let chunkCredit = FixedValue(
        "chunk credit", 4, "Chunks of a policy that a worker asks for at a time.")
    package static let chunkAttempts = FixedValue(
        "chunk attempts", 5, "Times a chunk may come damaged or not at all before the worker gives the version up.")
    package static let quarantineAfter = FixedValue(
        "quarantine after", 3, "Failed leases in a row after which a worker is given nothing for a while.")
    package static let quarantine = FixedValue(
        "quarantine", Duration.seconds(1), "How long that is at first; each further failure doubles it.")
    package static let longestQuarantine = FixedValue(
        "longest quarantine", Duration.seconds(60), "The longest such pause.")
    package static let farewell = FixedValue(
        "farewell", Duration.seconds(30), "How long the controller of a finished run waits for everybody's goodbye.")
    package static let lastLook = FixedValue(
        "last look", Duration.seconds(5), "How long it stays in any case, so that whoever watches sees the end.")
    package static let afterLastLook = FixedValue(
        "after the last look", Duration.seconds(1), "The same once somebody has seen it.")
    package static let shutdown = FixedValue(
        "shutdown", Duration.seconds(120), "After which a role that was told to leave is cancelled.")
    package static let cancellation = FixedValue(
        "cancellation", Duration.seconds(10), "After which a cancelled role is ended.")
    package static let parentWatch = FixedValue(
        "parent watch", Duration.seconds(1), "How often a role started by `ead-ctl up` looks whether that still runs.")

    // MARK: ead-ctl

    package static let controlRequest = FixedValue(
        "control request", Duration.seconds(2), "How long `ead-ctl` waits for an answer before it asks again.")
    package static let controlAttempts = FixedValue("control attempts", 2, "How often it asks.")
    package static let patientAttempts = FixedValue(
        "patient attempts", 10, "How often `ead-ctl eval --cluster` asks about an evaluation that is under way.")
    package static let controlLinger = FixedValue(
        "control linger", Duration.milliseconds(200), "How long it waits for its last question to be sent.")
    package static let look = FixedValue(
        "look", Duration.milliseconds(300), "How often `ead-ctl up` and `eval` look at the run.")
    package static let leaving = FixedValue(
        "leaving", Duration.seconds(40), "How long `ead-ctl up` waits for the roles of a finished run to leave.")
    package static let leavingWhenTold = FixedValue(
        "leaving when told", Duration.seconds(60),
        "How long it waits once more after telling them, before it kills them.")
    package static let portPatience = FixedValue(
        "port patience", Duration.seconds(3),
        "How long it waits for the addresses of its roles to become free, before it starts any.")

    /// Every one of them as the documentation has it: name, value, meaning.
    static var documented: [[String]] {
        func row(_ time: FixedValue<Duration>) -> [String] { [time.name, time.value.inYAML, time.meaning] }
        func row(_ count: FixedValue<Int>) -> [String] { [count.name, "\(count.value)", count.meaning] }
        return [
            row(self.tick), row(self.workerDrain), row(self.chunkCredit), row(self.chunkAttempts),
            row(self.quarantineAfter), row(self.quarantine), row(self.longestQuarantine), row(self.farewell),
            row(self.lastLook), row(self.afterLastLook), row(self.shutdown), row(self.cancellation),
            row(self.parentWatch), row(self.controlRequest), row(self.controlAttempts),
            row(self.patientAttempts), row(self.controlLinger),
            row(self.look), row(self.leaving), row(self.leavingWhenTold), row(self.portPatience),
        ]
    }
}
