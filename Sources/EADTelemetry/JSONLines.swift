import Foundation

/// Records as the lines of a file.
enum JSONLines {
    /// - Parameter records: Of texts and finite numbers.
    static func data(_ records: [some Encodable]) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = Data()
        for record in records {
            do {
                data += try encoder.encode(record) + [UInt8(ascii: "\n")]
            } catch {
                preconditionFailure("texts and finite numbers are always encodable: \(error)")
            }
        }
        return data
    }
}
