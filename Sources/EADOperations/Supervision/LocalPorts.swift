package import EADConfiguration
import EADCore
import EADDoctor
import EADRuntime

/// The addresses that the roles of a cluster file listen on, looked at before any of them starts: on a port that is
/// taken, the roles would join a stranger's run.
package struct LocalPorts: Sendable {
    private let listeners: [(setting: String, endpoint: Endpoint)]

    package init(_ configuration: ClusterConfiguration) {
        self.listeners = [
            ("nodes.controller", configuration.controller.bind), ("nodes.learner", configuration.learner.bind),
        ]
    }

    /// Waits a moment for the roles of a command that has just ended to leave.
    /// - Throws: `RoleFailure` (unavailable) that names every address that cannot be had.
    package func waitUntilFree() async throws {
        let deadline = ContinuousClock.now + Fixed.portPatience.value
        while let failure = self.failure() {
            guard ContinuousClock.now < deadline else { throw failure }
            try await Task.sleep(for: Fixed.look.value)
        }
    }

    /// Why the roles cannot listen; nil when they can.
    func failure() -> RoleFailure? {
        let problems = self.listeners.compactMap { listener -> String? in
            let place = "\(listener.setting) cannot listen on \(listener.endpoint): "
            return switch PortProbe.listen(on: listener.endpoint) {
            case .free, .reachable: nil
            case .inUse:
                "\(place)somebody does already, perhaps another run; end that (ss -ltnp 'sport = "
                    + ":\(listener.endpoint.port)' names it), or write another port"
            case .refused(let reason), .unreachable(let reason), .unwelcome(let reason): "\(place)\(reason)"
            case .unknownHost: "\(place)that is no address of this host"
            }
        }
        return problems.isEmpty ? nil : RoleFailure(.unavailable, problems.joined(separator: "\n"))
    }
}
