package import EADConfiguration
import EADCore
import EADMessages
import EADProtocol
import EADRuntime

/// Shows the progress of a run until it is over, as `ead-ctl up` shows that of its own.
package struct RunFollower: Sendable {
    private let configuration: ClusterConfiguration
    private let terminal: Terminal

    package init(_ configuration: ClusterConfiguration, terminal: Terminal = .standard) {
        self.configuration = configuration
        self.terminal = terminal
    }

    /// Returns when the run is finished, or was stopped before.
    /// - Throws: `RoleFailure` when nobody answers for `protocol.lost_after`.
    package func run() async throws -> RunOutcome {
        try await ControlClient.with(self.configuration) { client in
            var view = ProgressView(terminal: self.terminal)
            defer { view.finishLine() }
            var lastHeard = ContinuousClock.now
            var isStopping = false
            while true {
                let request = ControlRequest(
                    verb: .status, runName: self.configuration.run.name, sinceStep: view.nextStep)
                // How long nobody has answered is in the living line.
                let answer = try? await client.request(request, timeout: Fixed.controlRequest.value, attempts: 1)
                if case .statusReply(let status)? = answer {
                    lastHeard = .now
                    view.show(status)
                    isStopping = status.phase == .stopping
                    if status.phase == .finished {
                        return .finished(
                            view.summary(
                                of: status, samples: self.configuration.evaluation.samples,
                                directory: self.configuration.run.directory))
                    }
                } else {
                    view.show(nil)
                    // Who is stopping may be gone before it has said so.
                    if isStopping { return .stopped }
                    try self.checkPatience(since: lastHeard)
                }
                try await Task.sleep(for: Fixed.look.value)
            }
        }
    }

    private func checkPatience(since lastHeard: ContinuousClock.Instant) throws(RoleFailure) {
        let limit = self.configuration.protocol.liveness.lostAfter
        guard lastHeard.duration(to: .now) >= limit else { return }
        throw RoleFailure(
            .unavailable,
            "the controller at \(self.configuration.controller.endpoint) has not answered for \(limit.inYAML) "
                + "(protocol.lost_after)")
    }
}
