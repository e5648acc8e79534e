import EADRuntime
import EADTestKit
import Foundation
import Testing

/// Tests of the real binaries, one after another: each needs the cores for itself.
@Suite(.serialized) enum ClusterTests {}

/// What a run leaves behind that must not depend on who took part, or on what died.
struct Outcome: Hashable {
    let weights: Data
    /// Of the policy after each step.
    let rootHashes: [Int: String]

    init(_ cluster: ProcessCluster) throws {
        self.weights = try cluster.weights(after: cluster.settings.steps)
        self.rootHashes = try cluster.rootHashes()
    }

    /// SHA-256 of the final weights.
    var hash: String {
        self.weights.withUnsafeBytes { PolicyHashes.hash($0) }.map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        .joined()
    }
}

/// The undisturbed run of the usual settings with one worker, made once for all tests that compare with it.
actor CalmRun {
    static let shared = CalmRun()
    private var known: Outcome?

    func outcome() async throws -> Outcome {
        if let known = self.known { return known }
        let outcome = try await ProcessCluster.with { cluster in
            let nodes = try ["controller", "learner", "worker-1"].map { try cluster.start($0) }
            try await cluster.waitForSuccess(nodes)
            return try Outcome(cluster)
        }
        self.known = outcome
        return outcome
    }
}
