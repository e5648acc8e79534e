import Crypto
package import EADCore
package import EADFiles
import Foundation

/// What a directory says that it is of: the settings of a fine-tuning, in `finetune.json`.
package struct FineTuningRecord: Hashable, Sendable, Codable {
    /// Everything that the weights depend on, by name.
    package var lasting: [String: String]
    /// Where it came from and how long it goes on.
    package var settings: [String: String]

    /// The hash of what the weights depend on.
    package var hash: [UInt8] {
        let lines = self.lasting.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
        return Array(SHA256.hash(data: Array("ead finetune 1\n\(lines.joined())".utf8)))
    }

    /// A run with these settings: the same one each time, so that all bytes of a result are.
    package var run: RunID {
        guard let run = RunID(bytes: self.hash.prefix(16)) else { preconditionFailure("a hash has 32 bytes") }
        return run
    }

    /// Reads the record of a directory; nil when it has none.
    /// - Throws: `FileError`.
    package init?(in directory: RunLayout) throws(FileError) {
        guard FileTree.exists(directory.fineTuning) else { return nil }
        let bytes = try FileContents.read(directory.fineTuning)
        do {
            self = try JSONDecoder().decode(FineTuningRecord.self, from: Data(bytes))
        } catch {
            throw FileError(
                .read, directory.fineTuning, .malformed(line: nil, "not the settings of a fine-tuning: \(error)"))
        }
    }

    package init(lasting: [String: String], settings: [String: String]) {
        self.lasting = lasting
        self.settings = settings
    }

    package func save(in directory: RunLayout) throws(FileError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(self) else { preconditionFailure("texts are always encodable") }
        try DurableFile.replace(directory.fineTuning, with: Array(text + [UInt8(ascii: "\n")]).span.bytes)
    }

    /// What would make another run of this one than the earlier one.
    package func differences(from earlier: FineTuningRecord) -> [SettingDifference] {
        SettingDifference.all(
            between: earlier.lasting.map { "\($0) \($1)" }, and: self.lasting.map { "\($0) \($1)" })
    }
}
