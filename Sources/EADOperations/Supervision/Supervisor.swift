package import EADConfiguration
import EADCore
package import EADFiles
import EADMessages
import EADRuntime
import Glibc

/// Starts the local roles and watches them and the run until it is over: shows progress, and does what `Supervision`
/// decides.
package actor Supervisor {
    private let configuration: ClusterConfiguration
    private let directory: RunLayout
    private var roles: LocalRoles
    private var supervision: Supervision
    private var view: ProgressView
    private let terminal: Terminal
    /// The controller has yet to be asked to end the run.
    private var isStopWanted = false

    /// - Parameter files: The cluster files that the roles are given.
    package init(
        configuration: ClusterConfiguration, files: ClusterFiles, directory: RunLayout, terminal: Terminal = .standard
    ) {
        let roles = LocalRoles(configuration: configuration, files: files, directory: directory)
        self.configuration = configuration
        self.directory = directory
        self.roles = roles
        self.supervision = Supervision(nodes: roles.nodes, controller: configuration.controller.name)
        self.view = ProgressView(terminal: terminal)
        self.terminal = terminal
    }

    /// Returns once all roles have left.
    /// - Throws: `RoleFailure` when a role cannot be kept running; the others have been told to leave then.
    package func run() async throws -> RunOutcome {
        do {
            try self.roles.start()
            self.terminal.show(
                "run \(self.configuration.run.name): \(self.roles.nodes.count) roles, logs in \(self.directory.path)")
            let outcome = try await ControlClient.with(self.configuration) { try await self.watch($0) }
            self.view.finishLine()
            guard let outcome, outcome.phase == .finished else { return .stopped }
            return .finished(
                self.view.summary(
                    of: outcome, samples: self.configuration.evaluation.samples, directory: self.directory.path))
        } catch {
            self.view.finishLine()
            self.roles.signal(SIGTERM, self.roles.nodes)
            throw error
        }
    }

    /// The operator asked to stop.
    /// - Returns: Whether the command is over: at the second time.
    package func interrupt() throws -> Bool {
        try self.perform(self.supervision.interrupt(now: .now))
        return self.supervision.isOver
    }

    /// The last status heard; returns when nobody runs any more.
    private func watch(_ client: ControlClient) async throws -> StatusReply? {
        var last: StatusReply?
        while true {
            try self.reap()
            try self.perform(self.supervision.tick(now: .now))
            if self.supervision.isOver { return last }
            if self.isStopWanted {
                self.isStopWanted = false
                // The second interrupt comes in while this waits.
                let answer = try? await client.request(
                    ControlRequest(verb: .stop, runName: self.configuration.run.name))
                if answer == nil { try self.perform(self.supervision.stopUnheard(now: .now)) }
            }
            guard self.supervision.isWatching else {
                try await Task.sleep(for: Fixed.tick.value)
                continue
            }
            let request = ControlRequest(
                verb: .status, runName: self.configuration.run.name, sinceStep: self.view.nextStep)
            // An unanswered question is shown by the view; the roles' own deadlines decide what it means.
            let answer = try? await client.request(request, timeout: Fixed.controlRequest.value, attempts: 1)
            if case .statusReply(let status)? = answer {
                last = status
                self.view.show(status)
                if status.phase == .finished { self.supervision.finish(now: .now) }
            } else {
                self.view.show(nil)
            }
            try await Task.sleep(for: Fixed.look.value)
        }
    }

    private func reap() throws {
        for (node, status) in self.roles.reap() {
            try self.perform(self.supervision.ended(node, status: status, now: .now))
        }
    }

    private func perform(_ effects: [Supervision.Effect]) throws {
        for effect in effects {
            switch effect {
            case .say(let text): self.view.say(text)
            case .start(let node): try self.roles.start(node)
            case .terminate(let nodes): self.roles.signal(SIGTERM, nodes)
            case .kill(let nodes): self.roles.kill(nodes)
            case .stopRun: self.isStopWanted = true
            case .giveUp(let node, let status):
                throw RoleFailure(
                    RoleFailure.Code(rawValue: status) ?? .software,
                    "\(node) ended with status \(status):\n\(self.roles.lastWords(of: node))")
            }
        }
    }

}
