import CEADMessages
import EADCore

extension ControlRequest: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__ControlRequest>) { ead__v1__control_request__init(wire) }

    func fill(_ wire: inout Ead__V1__ControlRequest, in arena: borrowing WireArena) {
        wire.verb = Ead__V1__ControlVerb(self.verb.rawValue)
        wire.since_step = self.sinceStep.rawValue
        wire.samples = self.samples
        wire.request = self.request
        wire.run_name = arena.text(self.runName)
    }

    init(wire: Ead__V1__ControlRequest) throws(DecodeError) {
        self.init(
            verb: try WireField.known(wire.verb.rawValue, "verb"),
            runName: try wire.run_name.name("runName"),
            sinceStep: GlobalStep(try WireField.counter(wire.since_step, "sinceStep")),
            samples: try WireField.count(wire.samples, "samples"),
            request: try WireField.counter(wire.request, "request"))
    }
}

extension ControlReply: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__ControlReply>) { ead__v1__control_reply__init(wire) }

    func fill(_ wire: inout Ead__V1__ControlReply, in arena: borrowing WireArena) {
        wire.accepted = self.accepted ? 1 : 0
        wire.message = arena.text(self.message)
    }

    init(wire: Ead__V1__ControlReply) throws(DecodeError) {
        self.init(accepted: wire.accepted != 0, message: try wire.message.text("message"))
    }
}

extension StatusReply: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__StatusReply>) { ead__v1__status_reply__init(wire) }

    func fill(_ wire: inout Ead__V1__StatusReply, in arena: borrowing WireArena) {
        wire.run = arena.bytes(self.run.bytes)
        wire.name = arena.text(self.name)
        wire.phase = Ead__V1__RunPhase(self.phase.rawValue)
        wire.step = self.step.rawValue
        wire.total_steps = self.totalSteps
        wire.waiting_for = arena.text(self.waitingFor)
        wire.waiting_milliseconds = self.waitingMilliseconds
        wire.groups_accepted = self.groupsAccepted
        wire.groups_per_step = self.groupsPerStep
        wire.elapsed_milliseconds = self.elapsedMilliseconds
        wire.n_members = self.members.count
        wire.members = arena.messages(self.members)
        wire.n_steps = self.steps.count
        wire.steps = arena.messages(self.steps)
        wire.n_evaluations = self.evaluations.count
        wire.evaluations = arena.messages(self.evaluations)
        (wire.n_counters, wire.counters) = arena.counters(self.counters)
        wire.n_troubles = self.troubles.count
        wire.troubles = arena.numbers(self.troubles.map { arena.text($0) })
    }

    init(wire: Ead__V1__StatusReply) throws(DecodeError) {
        self.init(
            run: try wire.run.run("run"),
            name: try wire.name.text("name"),
            phase: try WireField.known(wire.phase.rawValue, "phase"),
            step: GlobalStep(try WireField.counter(wire.step, "step")),
            totalSteps: try WireField.counter(wire.total_steps, "totalSteps"),
            waitingFor: try wire.waiting_for.text("waitingFor"),
            waitingMilliseconds: try WireField.counter(wire.waiting_milliseconds, "waitingMilliseconds"),
            groupsAccepted: try WireField.count(wire.groups_accepted, "groupsAccepted"),
            groupsPerStep: try WireField.count(wire.groups_per_step, "groupsPerStep"),
            elapsedMilliseconds: try WireField.counter(wire.elapsed_milliseconds, "elapsedMilliseconds"),
            members: try MemberStatus.read(wire.members, count: wire.n_members, "members"),
            steps: try StepReport.read(wire.steps, count: wire.n_steps, "steps"),
            evaluations: try EvaluationReport.read(wire.evaluations, count: wire.n_evaluations, "evaluations"),
            counters: try MetricCounters(wire.counters, count: wire.n_counters, "counters"),
            troubles: try WireField.texts(wire.troubles, count: wire.n_troubles, "troubles"))
    }
}

extension MemberStatus: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__MemberStatus>) { ead__v1__member_status__init(wire) }

    func fill(_ wire: inout Ead__V1__MemberStatus, in arena: borrowing WireArena) {
        wire.node = arena.text(self.node.rawValue)
        wire.role = self.role.wire
        wire.health = self.health.wire
        wire.process = arena.text(self.process)
        wire.epoch = self.epoch.rawValue
        wire.silent_milliseconds = self.silentMilliseconds
        wire.heartbeat = arena.message(self.heartbeat)
    }

    init(wire: Ead__V1__MemberStatus) throws(DecodeError) {
        self.init(
            node: try wire.node.node("node"),
            role: try Role(wire: wire.role, "role"),
            health: try Health(wire: wire.health, "health"),
            process: try wire.process.name("process"),
            epoch: Epoch(try WireField.counter(wire.epoch, "epoch")),
            silentMilliseconds: try WireField.counter(wire.silent_milliseconds, "silentMilliseconds"),
            heartbeat: try Heartbeat.read(wire.heartbeat, "heartbeat"))
    }
}

extension EvaluationReport: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__EvaluationReport>) {
        ead__v1__evaluation_report__init(wire)
    }

    func fill(_ wire: inout Ead__V1__EvaluationReport, in arena: borrowing WireArena) {
        wire.version = self.version.rawValue
        wire.problems = self.problems
        wire.samples_per_problem = self.samples
        (wire.n_values, wire.values) = arena.metrics(self.values)
        wire.request = self.request
    }

    init(wire: Ead__V1__EvaluationReport) throws(DecodeError) {
        self.init(
            version: PolicyVersion(try WireField.counter(wire.version, "version")),
            problems: try WireField.count(wire.problems, "problems"),
            samples: try WireField.count(wire.samples_per_problem, "samplesPerProblem"),
            values: try MetricValues(wire.values, count: wire.n_values, "values"),
            request: try WireField.counter(wire.request, "request"))
    }
}
