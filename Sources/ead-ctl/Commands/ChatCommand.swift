import ArgumentParser
import EADCore
import EADOperations
import EADRuntime
import Foundation

/// `ead-ctl chat`
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talks with a model file or a checkpoint, a line for a turn; needs no cluster.",
        discussion:
            "The end of input (Ctrl-D) ends it. Without --schedule options the temperature follows EAD's schedule.")

    @OptionGroup var turn: ChatOptions

    @OptionGroup var model: ModelOptions

    @OptionGroup var sampling: SamplingOptions

    func run() {
        do { try self.talk() } catch { RoleRunner.fail(error) }
    }

    private func talk() throws {
        let chat = try LocalChat(
            model: self.model.resolve(), settings: try self.turn.resolve(), sampling: try self.sampling.resolve(),
            seed: self.sampling.seed, step: self.sampling.step)
        let isInteractive = isatty(FileHandle.standardInput.fileDescriptor) == 1
        while true {
            if isInteractive { Self.write("> ") }
            guard let line = readLine(strippingNewline: true) else { break }
            if line.allSatisfy(\.isWhitespace) { continue }
            do {
                try chat.say(line, Self.write)
                Self.write("\n")
            } catch let failure as RoleFailure where failure.code == .data {
                FileHandle.standardError.write(Data("\(failure.message)\n".utf8))
            }
        }
        if isInteractive { Self.write("\n") }
    }

    private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
