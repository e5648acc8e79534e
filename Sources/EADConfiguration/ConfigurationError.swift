/// Everything that is wrong with a cluster file, found in one pass.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// The file, or the words of a command line, that it is in; empty for the file of the error.
        package var source: String
        /// The dotted path of the setting, such as `nodes.workers[1].lanes`; empty for the file as a whole.
        package var path: String
        /// Where it is in the file, from 1; 0 where there is no place.
        package var line: Int
        /// From 1; 0 where there is no place.
        package var column: Int
        /// What is wrong, as a phrase that follows the path, with what would be right.
        package var message: String

        package init(source: String = "", path: String, line: Int, column: Int, message: String) {
            self.source = source
            self.path = path
            self.line = line
            self.column = column
            self.message = message
        }
    }

    /// The name of the file, as people know it; of several, the first.
    package var file: String
    /// In the order of the files; never empty.
    package var problems: [Problem]

    package init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// One line per problem: `quickstart.yaml:12: sampling.top_p: must be ...`.
    package var description: String {
        self.problems.map { problem in
            let source = problem.source.isEmpty ? self.file : problem.source
            let place = problem.line > 0 ? "\(source):\(problem.line)" : source
            return [place, problem.path, problem.message].filter { !$0.isEmpty }.joined(separator: ": ")
        }.joined(separator: "\n")
    }
}
