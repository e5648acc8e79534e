/// Everything that is wrong with a cluster file, found in one pass.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    public struct Problem: Hashable, Sendable {
        /// The dotted path of the setting, such as `nodes.workers[1].slots`; empty for the file as a whole.
        public var path: String
        /// Where it is in the file, from 1; 0 where there is no place.
        public var line: Int
        /// From 1; 0 where there is no place.
        public var column: Int
        /// What is wrong, as a phrase that follows the path, with what would be right.
        public var message: String

        public init(path: String, line: Int, column: Int, message: String) {
            self.path = path
            self.line = line
            self.column = column
            self.message = message
        }
    }

    /// The name of the file, as people know it.
    public var file: String
    /// In the order of the file; never empty.
    public var problems: [Problem]

    public init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// One line per problem: `quickstart.yaml:12: sampling.top_p: must be ...`.
    public var description: String {
        self.problems.map { problem in
            let place = problem.line > 0 ? "\(self.file):\(problem.line)" : self.file
            return [place, problem.path, problem.message].filter { !$0.isEmpty }.joined(separator: ": ")
        }.joined(separator: "\n")
    }
}
