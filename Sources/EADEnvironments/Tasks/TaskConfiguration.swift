package import EADCore

/// Which problems are trained on, which are held out, and how responses are scored.
package struct TaskConfiguration: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// The 274 ASDiv word problems with two numbers and an answer of at most 20, asked as
        /// two-example questions whose answer is an equation; `path` names the ASDiv file.
        case asdivEasy = "asdiv-easy"
        /// The 8100 sums of two numbers of two digits, asked after three examples.
        case add2
        /// The user's problems: a file of lines `{"prompt": ..., "answer": ...}`.
        case jsonl
    }

    package var kind: Kind
    /// The data file, relative to the cluster file's directory; nil for `add2`.
    package var path: String?
    /// Fixes the split into training and held-out problems, and their order.
    package var seed: UInt64
    /// Problems held out for evaluation; the rest is trained on.
    package var heldOut: Int
    /// For `jsonl`: the text around each prompt, such as few-shot examples, with `{prompt}` where it goes.
    package var template: String?
    package var verifier: EnvironmentKind
    /// For a verifier that runs a program: the program and its arguments; else empty.
    package var command: [String]
    /// How long the program may take for one response.
    package var commandTimeout: Duration

    /// A nil verifier stands for the kind's own: `equation` for `asdiv-easy`, else `number`.
    package init(
        kind: Kind, path: String? = nil, seed: UInt64 = 0, heldOut: Int, template: String? = nil,
        verifier: EnvironmentKind? = nil, command: [String] = [], commandTimeout: Duration = .seconds(10)
    ) {
        self.kind = kind
        self.path = path
        self.seed = seed
        self.heldOut = heldOut
        self.template = template
        self.verifier = verifier ?? (kind == .asdivEasy ? .equation : .number)
        self.command = command
        self.commandTimeout = commandTimeout
    }

    /// The text that ends a response of this task, besides the configured stop strings; empty for `jsonl`.
    package var stopStrings: [String] { self.kind == .jsonl ? [] : ["\n"] }

    /// Every setting that cannot be used; whether the file exists and holds enough problems is found out on loading.
    package func problems() -> [ConfigurationProblem] {
        var found: [ConfigurationProblem] = []
        func require(_ condition: Bool, _ field: String, _ message: String) {
            if !condition { found.append(ConfigurationProblem(field: field, message: message)) }
        }
        let kind = self.kind.rawValue
        if self.kind == .add2 {
            require(self.path == nil, "path", "must be absent: \(kind) makes its problems itself")
        } else {
            require(self.path?.isEmpty == false, "path", "must name the data file of \(kind)")
        }
        require(self.heldOut >= 0, "heldOut", "must be at least 0, not \(self.heldOut)")
        if let template = self.template {
            require(self.kind == .jsonl, "template", "must be absent: \(kind) has its own")
            let places = template.ranges(of: Self.placeholder).count
            require(places == 1, "template", "must contain \(Self.placeholder) exactly once, not \(places) times")
        }
        if self.verifier.runsProgram {
            require(self.command.first?.isEmpty == false, "command", "must name the program that verifies")
            require(!self.command.contains { $0.contains("\0") }, "command", "must not contain a zero byte")
            require(self.commandTimeout > .zero, "commandTimeout", "must be above 0")
        } else {
            let programs = EnvironmentKind.allCases.filter(\.runsProgram).map(\.rawValue).joined(separator: ", ")
            require(self.command.isEmpty, "command", "must be absent: only the verifier \(programs) runs a program")
        }
        return found
    }

    static let placeholder = "{prompt}"
}

extension TaskConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, path, seed, heldOut, template, verifier, command, commandTimeout
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            kind: try container.decode(Kind.self, forKey: .kind),
            path: try container.decodeIfPresent(String.self, forKey: .path),
            seed: try container.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0,
            heldOut: try container.decode(Int.self, forKey: .heldOut),
            template: try container.decodeIfPresent(String.self, forKey: .template),
            verifier: try container.decodeIfPresent(EnvironmentKind.self, forKey: .verifier),
            command: try container.decodeIfPresent([String].self, forKey: .command) ?? [],
            commandTimeout: try container.decodeIfPresent(Duration.self, forKey: .commandTimeout) ?? .seconds(10))
    }
}
