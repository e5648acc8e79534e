/// Everything that is wrong with a cluster file, found in one pass.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// The dotted path of the setting, such as `nodes.workers[1].lanes`; empty for the file as a whole.
        package var path: String
        /// Where it is in the file, from 1; 0 where there is no place.
        package var line: Int
        /// From 1; 0 where there is no place.
        package var column: Int
        /// What is wrong, as a phrase that follows the path, with what would be right.
        package var message: String

        package init(path: String, line: Int, column: Int, message: String) {
            self.path = path
            self.line = line
            self.column = column
            self.message = message
        }
    }

    /// The name of the file, as people know it.
    package var file: String
    /// In the order of the file; never empty.
    package var problems: [Problem]

    package init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    /// One line per problem: `quickstart.yaml:12: sampling.top_p: must be ...`.
    package var description: String {
        self.problems.map { problem in
            let place = problem.line > 0 ? "\(self.file):\(problem.line)" : self.file
            return [place, problem.path, problem.message].filter { !$0.isEmpty }.joined(separator: ": ")
        }.joined(separator: "\n")
    }
}
