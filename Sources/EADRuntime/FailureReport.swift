import EADConfiguration
import EADCore
import Foundation

/// A failed command for programs: what `--json` makes of it on standard error, in one line.
struct FailureReport: Encodable {
    private struct Failure: Encodable {
        /// `configuration`, `data`: the name of the exit status.
        var kind: String
        var status: Int32
        var message: String
        /// What is wrong in cluster files, one by one; absent for any other failure.
        var problems: [Problem]?
    }

    private struct Problem: Encodable {
        var source: String
        /// Absent where there is no place.
        var line: Int?
        var column: Int?
        var path: String
        var message: String
    }

    private var error: Failure

    init(_ error: any Error) {
        let failure = RoleFailure(error)
        self.init(failure.message, kind: "\(failure.code)", status: failure.code.rawValue)
        self.error.problems = (error as? ConfigurationError).map { error in
            error.problems.map { problem in
                Problem(
                    source: problem.source.isEmpty ? error.file : problem.source,
                    line: problem.line > 0 ? problem.line : nil, column: problem.column > 0 ? problem.column : nil,
                    path: problem.path, message: problem.message)
            }
        }
    }

    init(_ message: String, kind: String, status: Int32) {
        self.error = Failure(kind: kind, status: status, message: message, problems: nil)
    }

    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
            preconditionFailure("texts and integers are always encodable: \(error)")
        }
    }
}
