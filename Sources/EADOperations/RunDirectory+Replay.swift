import EADConfiguration
import EADDoctor
import EADFiles
package import EADLearner
import EADTransformer

extension RunDirectory {
    /// Computes the run again from its journal, and compares everything with what it left.
    /// - Parameters:
    ///   - steps: Nil for all that were reported.
    ///   - samples: Whether groups are sampled again, or trained on as recorded.
    ///   - threads: 0 for one per core that may be used.
    ///   - say: Told of every step.
    /// - Throws: `ReplayDifference` for the first difference; other errors when the run cannot be computed again.
    package func replay(
        _ steps: ClosedRange<UInt64>?, samples: Bool, threads: Int, saying say: @escaping @Sendable (String) -> Void
    ) async throws -> RunReplay.Summary {
        let replay = RunReplay(
            self.configuration, directory: RunLayout(self.path), engines: TransformerEngines(),
            threads: threads > 0 ? threads : HostProbe().cores.usable)
        return try await replay.replay(steps, samples: samples, saying: say)
    }
}
