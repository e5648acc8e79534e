import ArgumentParser
import EADCore
import EADOperations
import EADRuntime
import Foundation

/// `ead-ctl generate`
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Samples text from a model file or a checkpoint with Exploratory Annealed Decoding; needs no cluster."
    )

    @Argument(help: "The prompt; - reads standard input.")
    var prompt: String

    @Flag(name: .long, help: "Take the prompt as a user's turn of a chat.")
    var chat = false

    @OptionGroup var turn: ChatOptions

    @Option(name: .shortAndLong, help: "Responses to sample.")
    var samples: Int = 1

    @Flag(name: .long, help: "Show each token with its temperature and log-probability.")
    var verbose = false

    @OptionGroup var model: ModelOptions

    @OptionGroup var sampling: SamplingOptions

    func run() {
        do { try self.generate() } catch { RoleRunner.fail(error) }
    }

    private func generate() throws {
        guard self.chat || self.turn.isDefault else {
            throw RoleFailure(.usage, "--system, --date and --template-argument belong to --chat")
        }
        guard self.samples >= 1 else { throw RoleFailure(.usage, "--samples must be at least 1") }
        let text = self.prompt == "-" ? try Self.standardInput() : self.prompt
        let generation = LocalGeneration(
            model: self.model.resolve(), sampling: try self.sampling.resolve(), samples: self.samples,
            seed: self.sampling.seed, step: self.sampling.step)
        let result = try generation.run(
            prompt: text, chat: self.chat ? try self.turn.resolve() : nil, verbose: self.verbose)
        print(result.text)
        FileHandle.standardError.write(Data("\(result.speed)\n".utf8))
    }

    private static func standardInput() throws -> String {
        guard let text = String(data: FileHandle.standardInput.readDataToEndOfFile(), encoding: .utf8) else {
            throw RoleFailure(.data, "standard input is not UTF-8")
        }
        return text
    }
}
