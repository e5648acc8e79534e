package import EADConfiguration
import EADCore
import EADEnvironments
package import EADMessages
import EADRuntime

/// Asks a running controller for an evaluation and waits for its report.
package struct ClusterEvaluation {
    private let configuration: ClusterConfiguration
    private let samples: UInt32
    /// Told apart from other requests by a number; the same one is sent again and again, which changes nothing.
    private let number = UInt64.random(in: 1..<(1 << 53))

    package init(_ configuration: ClusterConfiguration, samples: UInt32) {
        self.configuration = configuration
        self.samples = samples
    }

    /// - Throws: `RoleFailure` when the controller refuses, or gives no answer for twenty seconds.
    package func report() async throws -> EvaluationReport {
        let name = self.configuration.run.name
        let request = ControlRequest(
            verb: .evaluate, runName: name, samples: self.samples, request: self.number)
        return try await ControlClient.with(self.configuration) { client in
            var progress = EvaluationProgress()
            defer { progress.finish() }
            // A controller that was there once may be on its way back.
            var attempts = 2
            while true {
                guard case .controlReply(let reply) = try await client.request(request, attempts: attempts) else {
                    throw RoleFailure(.software, "the controller gave an answer of another kind")
                }
                guard reply.accepted else { throw RoleFailure(.unavailable, reply.message) }
                attempts = 10
                // Reports on requests come with every status; those of steps are of no interest here.
                let question = ControlRequest(
                    verb: .status, runName: name, sinceStep: GlobalStep(1 << 53 - 1))
                guard
                    case .statusReply(let status) = try await client.request(
                        question, attempts: Fixed.patientAttempts.value)
                else {
                    throw RoleFailure(.software, "the controller gave an answer of another kind")
                }
                if let report = status.evaluations.first(where: { $0.request == request.request }) { return report }
                let isEvaluating = status.phase == .evaluating
                let wait = status.waitingFor.isEmpty ? "" : "waits for \(status.waitingFor)"
                progress.show(
                    done: isEvaluating ? Int(status.groupsAccepted) : 0,
                    of: isEvaluating ? Int(status.groupsPerStep) : self.problems,
                    isEvaluating ? wait : "\(status.phase) step \(status.step.rawValue + 1) before that")
                try await Task.sleep(for: Fixed.look.value)
            }
        }
    }

    private var problems: Int {
        self.configuration.evaluation.problemCount(of: self.configuration.task.heldOut)
    }
}
