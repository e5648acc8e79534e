/// What a verifier program did wrong; it is killed for each.
enum VerifierFault: Error, Hashable, CustomStringConvertible {
    /// It is not there, or not executable.
    case notStarted(String)
    /// It closed its output or no longer reads; how it ended.
    case died(String)
    case silent(Duration)
    /// It wrote a line that nothing had asked for.
    case unasked
    case tooLong(limit: Int)
    /// The line is not an answer to the request; what is wrong with it.
    case malformed(String)
    /// The worker leaves; nothing is wrong.
    case interrupted

    var description: String {
        switch self {
        case .notStarted(let reason): "cannot be started: \(reason)"
        case .died(let ending): "died (\(ending))"
        case .silent(let limit): "gave no answer within \(limit)"
        case .unasked: "wrote a line without being asked"
        case .tooLong(let limit): "wrote a line of more than \(limit) bytes"
        case .malformed(let problem): "gave an answer that \(problem)"
        case .interrupted: "was interrupted"
        }
    }
}
