package import EADConfiguration
import EADCore
import EADMessages
import EADRuntime
import Synchronization

/// Whether the operator asked to stop; set once by a signal.
package final class Interrupt: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { self.flag.load(ordering: .relaxed) }

    package init() {}

    package func set() { self.flag.store(true, ordering: .relaxed) }
}

/// Watches the local roles and the run until it is over: shows progress, starts dead roles again, drains on request.
package actor Supervisor {
    private let configuration: ClusterConfiguration
    private let interrupt: Interrupt
    private var roles: LocalRoles
    private var view: ProgressView
    private var isStopping = false

    package init(configuration: ClusterConfiguration, roles: LocalRoles, interrupt: Interrupt) {
        self.configuration = configuration
        self.roles = roles
        self.interrupt = interrupt
        self.view = ProgressView()
    }

    /// Returns the summary of a finished run once all roles have left; nil when it was stopped before.
    /// - Throws: `RoleFailure` when a role cannot be kept running; the others have been told to leave then.
    package func run() async throws -> RunSummary? {
        do {
            let outcome = try await ControlClient.with(self.configuration) { try await self.watch($0) }
            self.view.finishLine()
            try await self.waitForRoles()
            guard let outcome, outcome.phase == .finished else { return nil }
            return RunSummary(
                outcome, evaluations: self.view.evaluations, last: self.view.lastReport,
                configuration: self.configuration)
        } catch {
            self.view.finishLine()
            self.roles.terminate()
            throw error
        }
    }

    /// The roles leave by themselves; those that do not are asked once more, and then killed.
    private func waitForRoles() async throws {
        try await self.waitForRoles(within: Fixed.leaving.value)
        if self.roles.anyRunning {
            self.roles.terminate()
            try await self.waitForRoles(within: Fixed.leavingWhenTold.value)
        }
        for node in self.roles.kill() { self.view.say("\(node) did not leave and was killed") }
    }

    private func waitForRoles(within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while self.roles.reap(), ContinuousClock.now < deadline { try await Task.sleep(for: Fixed.tick.value) }
    }

    private func watch(_ client: ControlClient) async throws -> StatusReply? {
        var last: StatusReply?
        while true {
            let request = ControlRequest(verb: .status, sinceStep: self.view.nextStep)
            // An unanswered question is shown by the view; the roles' own deadlines decide what it means.
            let answer = try? await client.request(request, timeout: Fixed.controlRequest.value, attempts: 1)
            if case .statusReply(let status)? = answer {
                last = status
                self.view.show(status)
                if status.phase == .finished { return status }
            } else {
                self.view.show(nil)
            }
            if self.interrupt.isSet, !self.isStopping {
                self.isStopping = true
                self.view.say("stopping; the same command resumes the run")
                // If the controller does not hear it, the roles are told directly.
                if (try? await client.request(ControlRequest(verb: .stop))) == nil { self.roles.terminate() }
            }
            let (isStopping, view) = (self.isStopping, self.view)
            try self.roles.restartDead(unless: isStopping, say: { view.say($0) })
            if !self.roles.anyRunning { return last }
            try await Task.sleep(for: Fixed.look.value)
        }
    }
}
