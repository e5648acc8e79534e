import Foundation
import Testing

@testable import EADConfiguration

/// Messages name settings as a cluster file has them, never as the code does.
struct MessageNamesTests {
    /// `heldOut` for `held_out`, and properties whose names are others altogether.
    private static let names: Set<String> = {
        let parts = SettingList.all.flatMap { $0.path.split(whereSeparator: { ".[]".contains($0) }) }
        let names = parts.filter { $0.contains("_") }.map { part in
            let words = part.split(separator: "_")
            return ([String(words[0])] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }).joined()
        }
        return Set(names).union(["initialDecay", "decayGrowth", "decayLimit", "stopStrings", "publicKeys"])
    }()

    /// What the sources print besides names of the wire, which are those of the protocol.
    @Test func noTextOfTheSourcesHasTheCodesNameOfASetting() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        #expect(Self.names.isSuperset(of: ["topP", "heldOut", "maxTokens", "repeatedPrompts"]))
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path)
        where path.hasSuffix(".swift") && !path.hasPrefix("EADMessages/Wire") {
            let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
            for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                let plain = line.replacing(/\\\((?:[^()]|\([^()]*\))*\)/, with: "")
                for literal in plain.matches(of: /"([^"]*)"/) {
                    for word in literal.output.1.matches(of: /[a-z]+[A-Z][A-Za-z]*/) {
                        #expect(!Self.names.contains(String(word.output)), "\(path): \(literal.output.1)")
                    }
                }
            }
        }
    }

    /// Every setting with a value that none takes: the message names its path and nothing of the code's.
    @Test func everySettingIsRefusedByItsPath() {
        for setting in SettingList.all where !setting.path.contains("[]") {
            let keys = setting.path.split(separator: ".").map(String.init)
            let yaml =
                keys.dropLast().enumerated().map { String(repeating: " ", count: $0.offset) + "\($0.element):\n" }
                .joined()
                + String(repeating: " ", count: keys.count - 1) + "\(keys.last ?? ""): {nonsense: [1]}\n"
            let messages = problems(yaml)
            #expect(messages.contains(setting.path), "\(setting.path): \(messages)")
            for word in messages.matches(of: /[a-z]+[A-Z][A-Za-z]*/) {
                #expect(!Self.names.contains(String(word.output)), "\(messages)")
            }
        }
    }
}
