import ArgumentParser
import EADCore
import EADRuntime
import Foundation

/// What a chat template is given besides the conversation.
struct TemplateOptions: ParsableArguments {
    @Option(
        name: .customLong("template-argument"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What the chat template is given besides the conversation: NAME=VALUE in JSON, or text; NAME=@FILE reads it.",
            valueName: "name=value"))
    var arguments: [String] = []

    var isDefault: Bool { self.arguments.isEmpty }

    /// - Throws: `RoleFailure` for one that is no name and value.
    func resolve() throws -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for argument in self.arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw RoleFailure(.usage, "--template-argument must be NAME=VALUE, is '\(argument)'")
            }
            let name = String(parts[0])
            guard values[name] == nil else { throw RoleFailure(.usage, "--template-argument gives \(name) twice") }
            values[name] = try Self.value(of: String(parts[1]), name)
        }
        return values
    }

    private static func value(of text: String, _ name: String) throws -> JSONValue {
        guard text.hasPrefix("@") else { return (try? JSONReader.value(of: text)) ?? .text(text) }
        let path = String(text.dropFirst())
        guard let contents = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw RoleFailure(.usage, "--template-argument \(name): \(path) cannot be read as UTF-8")
        }
        do throws(JSONReader.Fault) {
            return try JSONReader.value(of: contents)
        } catch {
            throw RoleFailure(
                .usage, "--template-argument \(name): \(path) is not JSON: byte \(error.offset + 1): \(error.message)")
        }
    }
}
