import EADCore
import EADDoctor
import EADEngine
package import EADFineTuning
import EADTelemetry
import EADTransformer
import Synchronization

/// A fine-tuning by this process, with its progress on standard error.
package struct LocalFineTuning: Sendable {
    private let tuning: FineTuning
    private let directory: String

    /// - Parameter threads: 0 for one per core that may be used.
    package init(_ settings: FineTuningSettings, directory: String, threads: Int) {
        var settings = settings
        settings.threads = threads > 0 ? threads : HostProbe().cores.usable
        self.tuning = FineTuning(settings, directory: directory, engines: TransformerEngines())
        self.directory = directory
    }

    /// Has training end after the step that is being computed.
    package func stop() { self.tuning.stop() }

    /// Trains to the end, or until it is stopped.
    /// - Returns: What to say of it, and whether all steps are done.
    package func run() async throws -> (text: String, status: ExitStatus) {
        let view = SharedView(FineTuningView(terminal: .errors))
        let outcome = try await self.tuning.run { event in view.take(event) }
        view.finish()
        guard outcome.isFinished else {
            return (
                "stopped after step \(outcome.step), "
                    + (outcome.checkpoint.map { "kept in \($0.path)" } ?? "with nothing to keep")
                    + "; the same command goes on from there", .stopped
            )
        }
        guard let checkpoint = outcome.checkpoint else { preconditionFailure("what is finished is kept") }
        let loss = outcome.heldOutLoss.map { ", held-out loss \($0.text(decimals: 4))" } ?? ""
        return (
            """
            finished: \(outcome.step) steps\(loss)
            model: \(checkpoint.path)
            SHA-256 of its weights: \(checkpoint.modelDigest)
            """, .done
        )
    }
}

/// A view that events of another thread are shown in.
private final class SharedView: Sendable {
    private let view: Mutex<FineTuningView>

    init(_ view: FineTuningView) { self.view = Mutex(view) }

    func take(_ event: FineTuning.Event) { self.view.withLock { $0.take(event) } }
    func finish() { self.view.withLock { $0.finish() } }
}
