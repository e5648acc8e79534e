import ArgumentParser
import EADFineTuning
import EADOperations
import EADRuntime
import Glibc
import UnixSignals

/// `ead-ctl finetune`
struct FinetuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "finetune",
        abstract:
            "Trains a model on demonstrations, such as before its first run; from a model or from random weights.",
        discussion: """
            The loss is the mean cross-entropy of response tokens, the one that ends a response included. With the same \
            seed and settings the weights are the same bytes for any number of threads and interruptions. The result is a \
            checkpoint in DIR/checkpoints, which can be the model.path of a cluster file or --model of other commands. \
            Ctrl-C saves and ends, with exit status 3; the same command goes on from there. docs/finetune.md says more.
            """)

    @Option(name: .long, help: "The model to begin with: a GGUF file or a directory, such as a checkpoint.")
    var model: String?

    @Option(
        name: .long,
        help: "Begin with random weights instead, for a directory with config.json and a tokenizer.",
        completion: .directory)
    var fromConfig: String?

    @Option(name: .shortAndLong, help: "The directory of checkpoints and log.", completion: .directory)
    var output: String

    @OptionGroup var options: FineTuningOptions

    func validate() throws {
        guard (self.model == nil) != (self.fromConfig == nil) else {
            throw ValidationError("say what to begin with: --model PATH, or --from-config DIRECTORY")
        }
    }

    private var origin: FineTuningSettings.Origin {
        self.model.map { .model($0) } ?? .random(self.fromConfig ?? "")
    }

    func run() async {
        do {
            let tuning = LocalFineTuning(
                try self.options.resolve(self.origin), directory: self.output, threads: self.options.threads)
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            let end = try await withThrowingTaskGroup(of: (text: String, status: ExitStatus)?.self) { group in
                group.addTask {
                    for await _ in signals { return nil }
                    return nil
                }
                group.addTask { try await tuning.run() }
                defer { group.cancelAll() }
                if let end = try await group.next() ?? nil { return end }
                // Whoever asks a second time does not wait for the disk.
                for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
                tuning.stop()
                guard let end = try await group.next() ?? nil else { preconditionFailure("training says how it ended") }
                return end
            }
            Terminal.standard.show(end.text)
            Self.exit(withError: ExitCode(end.status.rawValue))
        } catch {
            RoleRunner.fail(error)
        }
    }
}
