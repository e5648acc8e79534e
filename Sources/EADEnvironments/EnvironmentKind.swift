/// A kind of environment: its name in a cluster file, its row in docs/verifiers.md, and how to make one.
///
/// A kind is a file that declares it, and a word in `allCases`.
package struct EnvironmentKind: Sendable {
    /// The value of `task.verifier`.
    package let rawValue: String
    /// Its row of the table in docs/verifiers.md.
    package let row: Row
    /// Whether it runs the program `task.command`.
    package let runsProgram: Bool
    private let plain: @Sendable (_ answer: String) -> String
    private let fault: @Sendable (_ answer: String) -> String?
    private let make: @Sendable (TaskConfiguration, EnvironmentHost) throws(EnvironmentError) -> any Environment

    /// How a kind scores, in a few words each.
    package struct Row: Hashable, Sendable {
        /// What is read from a response.
        package let reads: String
        package let rightIf: String
        package let strictIf: String
    }

    /// - Parameters:
    ///   - answer: The answer as it is compared, made of the answer as data sets write it.
    ///   - fault: What is wrong with an answer, as the end of a sentence; nil if responses can be scored against it.
    ///   - make: Makes an environment for a task whose settings were checked where they were read.
    init(
        _ name: String, _ row: Row, runsProgram: Bool = false,
        answer: @escaping @Sendable (_ text: String) -> String = { $0 },
        fault: @escaping @Sendable (_ answer: String) -> String? = { _ in nil },
        make: @escaping @Sendable (TaskConfiguration, EnvironmentHost) throws(EnvironmentError) -> any Environment
    ) {
        self.rawValue = name
        self.row = row
        self.runsProgram = runsProgram
        self.plain = answer
        self.fault = fault
        self.make = make
    }

    /// Makes the environment of a task.
    package static func environment(
        of task: TaskConfiguration, host: EnvironmentHost
    ) throws(EnvironmentError) -> any Environment {
        guard !task.verifiers.isEmpty else { return try task.verifier.make(task, host) }
        var environments: [EnvironmentKind: any Environment] = [:]
        // Each once: two sources that a program scores share the program.
        for kind in Set(task.verifiers.values).union([task.verifier]) {
            environments[kind] = try kind.make(task, host)
        }
        return EnvironmentsBySource(task: task, environments: environments)
    }

    /// The answer as it is compared: without the dollar signs or the box around it where these only format.
    package func answer(from text: String) -> String { self.plain(text) }

    /// Why no response could be scored against this answer, such as "is not a number"; nil if it is usable.
    package func problem(of answer: String) -> String? { self.fault(answer) }
}

extension EnvironmentKind: CaseIterable, RawRepresentable, Hashable {
    /// In the order of docs/verifiers.md.
    package static let allCases: [EnvironmentKind] = [
        .number, .equation, .gsm8kStrict, .gsm8kFlexible, .boxed, .dapo, .math, .exact, .countdown, .paths, .command,
    ]

    package init?(rawValue: String) {
        guard let kind = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = kind
    }

    package static func == (lhs: EnvironmentKind, rhs: EnvironmentKind) -> Bool { lhs.rawValue == rhs.rawValue }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.rawValue) }
}
