import EADCore
import EADEnvironments
import EADRuntime
import Foundation
import Testing

struct TaskSourceTests {
    @Test func twoDigitSumsAreSplitByPair() throws {
        let configuration = TaskConfiguration(kind: .add2, seed: 4, heldOut: 501)
        let source = try TaskSource.load(configuration, baseDirectory: "")
        #expect(source.heldOut.count == 501)
        #expect(source.training.count == 8100 - 501)
        #expect(source.training.map(\.index) == Array(0..<7599))
        #expect(source.heldOut.map(\.index) == Array(0..<501))

        func pair(_ problem: Problem) throws -> [Int] {
            let question = try #require(problem.prompt.split(separator: "\n").last)
            let terms = question.dropLast(2).split(separator: " + ").compactMap { Int($0) }
            #expect(terms.count == 2 && String(terms[0] + terms[1]) == problem.answer)
            return terms.sorted()
        }
        let trained = Set(try source.training.map(pair))
        let heldOut = Set(try source.heldOut.map(pair))
        #expect(trained.isDisjoint(with: heldOut))
        #expect(heldOut.isDisjoint(with: [[23, 45], [17, 61], [38, 54]]))
        #expect(Set((source.training + source.heldOut).map(\.prompt)).count == 8100)
        #expect(
            source.training.allSatisfy { $0.prompt.hasPrefix("23 + 45 = 68\n61 + 17 = 78\n38 + 54 = 92\n") })
    }

    @Test func theSplitIsFixedBySeed() throws {
        func load(_ seed: UInt64) throws -> TaskSource {
            try TaskSource.load(TaskConfiguration(kind: .add2, seed: seed, heldOut: 100), baseDirectory: "")
        }
        let first = try load(1)
        let again = try load(1)
        let other = try load(2)
        #expect(first.training == again.training && first.heldOut == again.heldOut)
        #expect(first.heldOut != other.heldOut)
        #expect(Set(first.heldOut.map(\.prompt)) != Set(other.heldOut.map(\.prompt)))
    }

    @Test func holdingOutEverythingIsRefused() throws {
        let directory = try ScratchDirectory()
        try directory.write(
            "a.jsonl", "{\"prompt\": \"p\", \"answer\": \"1\"}\n{\"prompt\": \"q\", \"answer\": \"2\"}\n")
        #expect(throws: TaskError.tooFewProblems(found: 2, heldOut: 2)) {
            try TaskSource.load(
                TaskConfiguration(kind: .jsonl, path: "a.jsonl", heldOut: 2), baseDirectory: directory.path)
        }
        #expect(throws: TaskError.tooFewProblems(found: 8100, heldOut: 8099)) {
            try TaskSource.load(TaskConfiguration(kind: .add2, heldOut: 8099), baseDirectory: "")
        }
    }

    /// Characters are tokens.
    private static func limit(_ context: Int, training: Int?, heldOut: Int?) -> PromptLimit {
        PromptLimit(context: context, trainingResponse: training, heldOutResponse: heldOut) { $0.count }
    }

    private func numbered(_ configuration: TaskConfiguration, _ limit: PromptLimit?) throws -> TaskSource {
        let directory = try ScratchDirectory()
        // Of 1 to 40 characters.
        let lines = (1...40).map { #"{"prompt": "\#(String(repeating: "x", count: $0))", "answer": "1"}"# }
        try directory.write("a.jsonl", lines.joined(separator: "\n"))
        return try TaskSource.load(configuration, baseDirectory: directory.path, limit: limit)
    }

    @Test func everyPromptThatIsTooLongIsNamedWithItsLine() throws {
        let configuration = TaskConfiguration(kind: .jsonl, path: "a.jsonl", heldOut: 10)
        let error = #expect(throws: TaskError.self) {
            try self.numbered(configuration, Self.limit(50, training: 12, heldOut: 12))
        }
        let text = try #require(error).description
        #expect(text.split(separator: "\n").map { $0.split(separator: ":")[1] } == ["39", "40"], "\(text)")
        #expect(
            text.contains("the prompt has 39 tokens, and the context of 50 has room for 38 before a response of 12"))
        #expect(try self.numbered(configuration, Self.limit(52, training: 12, heldOut: 12)).dropped == 0)
    }

    @Test func promptsThatAreTooLongCanBeDroppedAndNothingElseChangesSides() throws {
        var configuration = TaskConfiguration(kind: .jsonl, path: "a.jsonl", heldOut: 10)
        let whole = try self.numbered(configuration, nil)
        configuration.overlongPrompts = .drop
        let source = try self.numbered(configuration, Self.limit(50, training: 20, heldOut: 12))
        func prompts(_ problems: [Problem]) -> Set<String> { Set(problems.map(\.prompt)) }
        #expect(prompts(source.training) == prompts(whole.training).filter { $0.count <= 30 })
        #expect(prompts(source.heldOut) == prompts(whole.heldOut).filter { $0.count <= 38 })
        #expect(source.training.count + source.heldOut.count + source.dropped == 40 && source.dropped > 0)
        #expect(source.training.map(\.index) == Array(0..<UInt32(source.training.count)))
        // A side that is not looked at stays whole.
        let evaluated = try self.numbered(configuration, Self.limit(50, training: nil, heldOut: 12))
        #expect(evaluated.training == whole.training && evaluated.heldOut == source.heldOut)
        #expect(throws: TaskError.self) {
            try self.numbered(configuration, Self.limit(50, training: 50, heldOut: 12))
        }
    }

    @Test func theLongestPromptIsTheOneOfMostTokensNotOfMostBytes() throws {
        let measured = ["xxxxxxxx", "a b c d", "é é"]
        let longest = try PromptLimit.longest(of: measured) { $0.split(separator: " ").count }
        #expect(longest == 4)
        #expect(try PromptLimit.longest(of: []) { $0.count } == 0)
    }

    /// Invented problems in the format of the ASDiv file: which are kept, and the prompt they become.
    @Test func easyWordProblemsAreChosenAndAsked() throws {
        let directory = try ScratchDirectory()
        func row(_ passage: String?, _ question: String, _ answer: String) throws -> String {
            var fields = ["question": question, "answer": answer]
            fields["passage"] = passage
            return String(decoding: try JSONEncoder().encode(fields), as: UTF8.self)
        }
        try directory.write(
            "asdiv.jsonl",
            [
                row("Ann has 3 hats. Bo has Four hats. ", "How many hats are there? ", "7 hats"),
                row(nil, "What is 12.5 minus 2.5?", "10"),
                row("Ann has 3 hats.", "How many hats in 21 days?", "3 hats"),
                row("Ann has 3 hats, Bo 4, Cy 5.", "How many?", "12 hats"),
                row("Ann has 3 hats and Bo 4.", "Who has more?", "Bo"),
                row("Ann has 3 hats and Bo 4.", "At what time?", "3:30 p.m."),
                row("Ann has 3 hats and Bo 4.", "Which share?", "1/2"),
                row("Ann has 20 hats and Bo 4.", "How many hats?", "24 hats"),
                row("Ann has 3 hats and Bo 2.", "How many each?", "2.5 hats"),
                row("Ann has 3 hats and Bo 2." + String(repeating: " So.", count: 40), "How many?", "5 hats"),
            ].joined(separator: "\r\n") + "\n")
        let source = try TaskSource.load(
            TaskConfiguration(kind: .asdivEasy, path: "asdiv.jsonl", heldOut: 0), baseDirectory: directory.path)
        let problems = source.training.sorted { $0.answer > $1.answer }
        #expect(problems.map(\.answer) == ["7", "10"])
        #expect(
            problems[0].prompt.hasSuffix(
                "= 4\n\nQuestion: Ann has 3 hats. Bo has Four hats. How many hats are there?\nAnswer:"))
        #expect(problems[1].prompt.hasSuffix("\nQuestion: What is 12.5 minus 2.5?\nAnswer:"))
    }

    /// Counts of the real file, which is fetched at run time and not part of the repository.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["EAD_ASDIV"] != nil, "EAD_ASDIV names the ASDiv file"))
    func theRealFileHolds274EasyProblems() throws {
        let path = try #require(ProcessInfo.processInfo.environment["EAD_ASDIV"])
        let configuration = TaskConfiguration(kind: .asdivEasy, path: path, seed: 1, heldOut: 74)
        let source = try TaskSource.load(configuration, baseDirectory: "")
        #expect(source.training.count == 200 && source.heldOut.count == 74)
        #expect((source.training + source.heldOut).count { $0.answer == "2" } == 26)
    }

    @Test func theUsersLinesBecomePromptsInTheirTemplate() throws {
        let directory = try ScratchDirectory()
        let lines = (0..<10).map { "{\"prompt\": \"\($0)?\", \"answer\": \"\($0)\", \"source\": {\"page\": [1]}}" }
        try directory.write("mine.jsonl", lines.joined(separator: "\n"))
        let configuration = TaskConfiguration(
            kind: .jsonl, path: "\(directory.path)/mine.jsonl", seed: 3, heldOut: 4, template: "Q: {prompt}\nA:")
        let source = try TaskSource.load(configuration, baseDirectory: "/nowhere")
        #expect(source.training.count == 6 && source.heldOut.count == 4)
        for problem in source.training + source.heldOut {
            #expect(problem.prompt == "Q: \(problem.answer)?\nA:")
        }
        #expect(Set((source.training + source.heldOut).map(\.answer)) == Set((0..<10).map(String.init)))
    }

    @Test func everyUnusableLineIsReportedWithItsNumber() throws {
        let directory = try ScratchDirectory()
        var bytes = Data(
            """
            {"prompt": "a", "answer": "1"}
            {"prompt": "b", "answer": true}
            {"prompt": "b"}
            {"prompt": " ", "answer": "2"}
            not json
            [1]
            "text"

            {"prompt": "a", "answer": "3"}
            {"prompt": "c", "answer": "three"}
            {"answer": "4"}
            {"prompt": null, "answer": "4"}
            {"prompt": "d", "answer":

            """.utf8)
        bytes.append(contentsOf: [0x7B, 0xFF, 0x7D, 0x0A])
        try bytes.write(to: URL(fileURLWithPath: "\(directory.path)/bad.jsonl"))
        let error = try #require(
            throws: TaskError.self,
            performing: {
                try TaskSource.load(
                    TaskConfiguration(kind: .jsonl, path: "bad.jsonl", heldOut: 0), baseDirectory: directory.path)
            })
        guard case .malformed(let path, let lines, let total) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(path == "\(directory.path)/bad.jsonl")
        #expect(total == 13)
        #expect(lines.map(\.number) == Array(2...14))
        let expected = [
            "\"answer\" is neither a string nor a number", "has no \"answer\"", "\"prompt\" is empty",
            "is not valid JSON",
            "is not a JSON object", "is not a JSON object", "is empty", "repeats the prompt of line 1",
            "\"answer\" is not a number, so the verifier number cannot use it: 'three'", "has no \"prompt\"",
            "\"prompt\" is not a string", "is not valid JSON", "is not valid UTF-8",
        ]
        for (line, problem) in zip(lines, expected) { #expect(line.problem.hasPrefix(problem), "\(line)") }
        #expect("\(error)".contains("bad.jsonl:3: has no \"answer\"\n"))
    }

    private func load(
        _ text: String, changing change: (inout TaskConfiguration) -> Void
    ) throws -> TaskSource {
        let directory = try ScratchDirectory()
        try directory.write("mine.jsonl", text)
        var task = TaskConfiguration(kind: .jsonl, path: "mine.jsonl", heldOut: 0, verifier: .exact)
        change(&task)
        return try TaskSource.load(task, baseDirectory: directory.path)
    }

    @Test func aConversationIsAPromptOfAChat() throws {
        let line =
            #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "#
            + #"{"role": "user", "content": "c"}], "answer": "d"}"#
        let source = try self.load(line) { $0.prompt = .chat }
        #expect(
            source.training.map(\.prompt) == [
                #"[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]"#
            ])
        let withSystem = try self.load(line) {
            $0.prompt = .chat
            $0.system = "s"
        }
        #expect(withSystem.training[0].prompt.hasPrefix(#"[{"role":"system","content":"s"},{"role":"user","#))
        let error = try #require(throws: TaskError.self) { try self.load(line) { _ in } }
        #expect("\(error)".contains("has \"messages\", which needs task.prompt: chat"))
    }

    @Test func aPromptIsTheUsersTurnOfAChat() throws {
        let line = #"{"prompt": "a", "answer": "d"}"#
        #expect(try self.load(line) { $0.prompt = .chat }.training[0].prompt == "a")
        let source = try self.load(line) {
            $0.prompt = .chat
            $0.template = "{prompt} Think."
            $0.system = "s"
        }
        #expect(source.training[0].prompt == #"[{"role":"system","content":"s"},{"role":"user","content":"a Think."}]"#)
    }

    /// Conversation, what is said.
    @Test(arguments: [
        ("[]", "is not a list of messages"), ("\"a\"", "is not a list of messages"),
        (#"[{"role": "tool", "content": "a"}]"#, #"has the role "tool" in message 1"#),
        (#"[{"role": "user", "content": 1}]"#, #"has no texts "role" and "content" in message 1"#),
        (#"[{"role": "assistant", "content": "a"}]"#, "does not end with a user's turn"),
        (#"[{"role": "user", "content": "a", "name": "b"}]"#, #"has "name" in message 1"#),
    ])
    func conversationsThatCannotBeUsedAreRefusedWithTheirLine(messages: String, message: String) throws {
        let error = try #require(throws: TaskError.self) {
            try self.load(#"{"messages": \#(messages), "answer": "d"}"#) { $0.prompt = .chat }
        }
        #expect("\(error)".contains("mine.jsonl:1: \"messages\" ") && "\(error)".contains(message), "\(error)")
    }

    @Test func columnsHaveTheNamesOfTheTask() throws {
        let source = try self.load(#"{"question": "q", "solution": "s", "answer": "other"}"#) {
            $0.columns.prompt = "question"
            $0.columns.answer = "solution"
        }
        #expect(source.training.map(\.prompt) == ["q"] && source.training.map(\.answer) == ["s"])
    }

    @Test func anyOfSeveralAnswersIsRight() async throws {
        let source = try self.load(#"{"prompt": "q", "answer": ["one", 1, "I"]}"#) { _ in }
        let environment = try EnvironmentKind.environment(
            of: TaskConfiguration(kind: .jsonl, heldOut: 0, verifier: .exact),
            host: EnvironmentHost(executor: ThreadExecutor.test, backoff: Backoff(seed: 1)) { Issue.record("\($0)") })
        let episode = environment.start(source.training[0])
        for (response, reward) in [("one", 1.0), ("1", 1), ("I", 1), ("two", 0), ("one\u{1E}1\u{1E}I", 0)] {
            #expect(await environment.verdict(on: response, in: episode)?.reward == Float(reward), "\(response)")
        }
    }

    private static let ofTwoSources = """
        {"prompt": "a", "answer": "7", "source": "openai/gsm8k", "level": 3, "worked": "x"}
        {"prompt": "b", "answer": "\\\\frac12", "source": "math", "id": "m-1", "level": 3e0}
        """

    @Test func aProblemIsScoredByTheVerifierOfItsSource() async throws {
        let source = try self.load(Self.ofTwoSources) { $0.verifiers = ["openai/gsm8k": .number, "math": .boxed] }
        let task = TaskConfiguration(kind: .jsonl, heldOut: 0, verifiers: ["openai/gsm8k": .number, "math": .boxed])
        let environment = try EnvironmentKind.environment(
            of: task,
            host: EnvironmentHost(executor: ThreadExecutor.test, backoff: Backoff(seed: 1)) { Issue.record("\($0)") })
        for problem in source.training {
            let episode = environment.start(problem)
            let number = await environment.verdict(on: "it is 7", in: episode)
            let box = await environment.verdict(on: "\\boxed{\\frac{1}{2}} of 7", in: episode)
            #expect(number?.reward == (problem.source == "math" ? 0 : 1) && box?.reward == 1)
            // Nothing reads it.
            #expect(problem.metadata.isEmpty)
        }
        let unknown = environment.start(Problem(index: 0, prompt: "p", answer: "7", source: "elsewhere"))
        #expect(await environment.verdict(on: "7", in: unknown) == nil)
    }

    @Test func aProgramIsGivenWhatElseALineSays() throws {
        let source = try self.load(Self.ofTwoSources) { $0.verifiers = ["openai/gsm8k": .number, "math": .command] }
        let metadata = Dictionary(uniqueKeysWithValues: source.training.map { ($0.prompt, $0.metadata) })
        #expect(metadata == ["a": "", "b": #"{"source":"math","id":"m-1","level":3e0}"#])
        let all = try self.load(Self.ofTwoSources) { $0.verifier = .command }
        #expect(Set(all.training.map(\.source)) == [""])
        #expect(all.training.contains { $0.metadata.contains(#""worked":"x""#) })
    }

    @Test func aSourceWithoutAVerifierIsAnErrorOfItsLine() throws {
        let error = try #require(throws: TaskError.self) {
            try self.load(Self.ofTwoSources) { $0.verifiers = ["openai/gsm8k": .number] }
        }
        #expect(
            "\(error)".hasSuffix(
                #"mine.jsonl:2: is from "math", and task.verifiers has verifiers for openai/gsm8k only"#), "\(error)")
        let unknown = try #require(throws: TaskError.self) {
            try self.load(#"{"prompt": "a", "answer": "7"}"#) { $0.verifiers = ["gsm8k": .number, "math": .boxed] }
        }
        #expect("\(unknown)".hasPrefix("task.verifiers names gsm8k, math, but no line of "), "\(unknown)")
        let wrong = try #require(throws: TaskError.self) {
            try self.load(#"{"prompt": "a", "answer": "7", "from": 3}"#) {
                $0.verifiers = ["3": .number]
                $0.columns.source = "from"
            }
        }
        #expect("\(wrong)".contains(#"mine.jsonl:1: "from" is not a string"#), "\(wrong)")
    }

    @Test func moreThanALeaseHasRoomForIsRefused() throws {
        let line = #"{"prompt": "a", "answer": "7", "worked": "\#(String(repeating: "x", count: 1 << 18))"}"#
        #expect(try self.load(line) { _ in }.training[0].metadata.isEmpty)
        let error = try #require(throws: TaskError.self) { try self.load(line) { $0.verifier = .command } }
        #expect("\(error)".contains("mine.jsonl:1: says 262157 bytes besides prompt and answer"), "\(error)")
    }

    @Test func aRepeatedProblemIsLeftOutAndCountedUnlessItsAnswerIsAnother() throws {
        let line = #"{"prompt": "a", "answer": "1"}"# + "\n"
        let source = try self.load(line + line + #"{"prompt": "b", "answer": "1"}"#) { $0.repeatedPrompts = .drop }
        #expect(source.training.count == 2 && source.repeated == 1)
        let error = try #require(throws: TaskError.self) {
            try self.load(line + #"{"prompt": "a", "answer": "2"}"#) { $0.repeatedPrompts = .drop }
        }
        #expect("\(error)".contains("mine.jsonl:2: repeats the prompt of line 1 with another answer"))
    }

    @Test func aParquetFileIsRecognisedAndTheCommandNamed() throws {
        let error = try #require(throws: TaskError.self) { try self.load("PAR1\u{0}\u{15}") { _ in } }
        #expect("\(error)".contains("it is a Parquet file; scripts/import-parquet "))
    }

    private func load(
        _ text: String, _ verifier: EnvironmentKind, heldOut: Int = 0,
        repeated: TaskConfiguration.RepeatedPrompts = .refuse
    ) throws -> TaskSource {
        let directory = try ScratchDirectory()
        try directory.write("mine.jsonl", text)
        return try TaskSource.load(
            TaskConfiguration(
                kind: .jsonl, path: "mine.jsonl", heldOut: heldOut, repeatedPrompts: repeated, verifier: verifier),
            baseDirectory: directory.path)
    }

    /// Answer in the file as JSON, verifier, answer that responses are compared with.
    @Test(
        arguments: [
            ("42", .number, "42"), ("-7.50", .number, "-7.50"), ("1e3", .number, "1000"), ("2.5E-1", .math, "2.5E-1"),
            ("12345678901234567890123", .number, "12345678901234567890123"),
            ("0.1000000000000000055", .exact, "0.1000000000000000055"),
            ("\"$42$\"", .number, "42"), ("\"\\\\boxed{42}\"", .boxed, "42"), ("\"\\\\boxed{42}\"", .gsm8kStrict, "42"),
            ("\"$\\\\boxed{42}$\"", .math, "42"), ("\"\\\\(x^2\\\\)\"", .boxed, "x^2"), ("\"$42$\"", .exact, "$42$"),
            ("\"$1$ or $2$\"", .boxed, "$1$ or $2$"), ("\"\\\\frac{1}{2}\"", .math, "\\frac{1}{2}"),
            ("\"$5\"", .math, "$5"), ("\"\u{2212}7\"", .number, "\u{2212}7"),
        ] as [(String, EnvironmentKind, String)])
    func answersAreTakenFromTheirDress(json: String, verifier: EnvironmentKind, answer: String) throws {
        let source = try self.load(
            "{\"other\": {\"answer\": 1}, \"prompt\": \"a \\\"answer\\\": 5\", \"answer\": \(json), \"x\": [\"answer\"]}",
            verifier)
        #expect(source.training.map(\.answer) == [answer])
    }

    /// Answer in the file as JSON, verifier, what is said.
    @Test(
        arguments: [
            (
                "\"\\frac{1}{2}\"", .math,
                "\"answer\" holds a control character where \\frac was meant; JSON writes a backslash as \\\\: \\\\frac"
            ),
            ("\"3\\times 4\"", .exact, "where \\times was meant"), ("\"a\\neq b\"", .math, "where \\neq was meant"),
            ("\"\\boxed{4}\"", .boxed, "where \\boxed was meant"), ("\"\\right)\"", .dapo, "where \\right was meant"),
            ("\"x}\"", .boxed, "\"answer\" is matched by no response, not even by '\\boxed{x}}'"),
            ("\"a \\\\boxed{3}\"", .boxed, "is matched by no response"), ("\"$1/2$\"", .number, "is not a number"),
            ("\"1e3 cm\"", .number, "is not a number"), ("\"3/4\"", .gsm8kStrict, "is not a number"),
            ("\"\(String(repeating: "x", count: 300))\"", .dapo, "is matched by no response"),
            ("true", .exact, "is neither a string nor a number"),
            ("[true]", .number, "has an element that is neither a text nor a number"),
            ("[]", .number, "is an empty list"), ("[\"x\"]", .number, "is not a number"),
        ] as [(String, EnvironmentKind, String)])
    func answersThatNoResponseMatchesAreRefusedWithTheirLine(
        json: String, verifier: EnvironmentKind, message: String
    ) throws {
        let error = try #require(throws: TaskError.self) {
            try self.load("{\"prompt\": \"a\", \"answer\": \(json)}", verifier)
        }
        #expect("\(error)".contains("mine.jsonl:1: \"answer\" ") && "\(error)".contains(message), "\(error)")
    }

    @Test func aPromptWhoseTeXWasEscapedByJSONIsRefused() throws {
        let error = try #require(throws: TaskError.self) {
            try self.load(#"{"prompt": "What is $\frac{1}{2}$?", "answer": "1"}"#, .math)
        }
        #expect("\(error)".contains(#""prompt" holds a control character where \frac was meant"#))
        // A tab is text.
        #expect(try self.load(#"{"prompt": "a\tan apple", "answer": "1"}"#, .math).training.count == 1)
    }

    @Test func promptsThatOnlyLookTheSameAreProblemsOnOneSideOfTheSplit() throws {
        let text = """
            {"prompt":"caf\u{E9}","answer":"1"}
            {"prompt":"cafe\u{301}","answer":"2"}
            {"prompt":"tea","answer":"3"}
            """
        #expect(try self.load(text, .number).training.count == 3)
        #expect(try self.load(text, .number, heldOut: 1).heldOut.map(\.answer) == ["3"])
        let three = (0..<3).map { "{\"prompt\": \"a\", \"answer\": \"\($0)\"}\n" }.joined()
        let error = try #require(throws: TaskError.self) {
            try self.load(three, .number, heldOut: 2, repeated: .keep)
        }
        #expect("\(error)".contains("2 of 3 problems cannot be held out exactly"), "\(error)")
    }

    @Test func repeatedPromptsAreRefusedOrKeptOnOneSideOfTheSplit() throws {
        let text = (0..<20).map { "{\"prompt\": \"\($0 / 2)?\", \"answer\": \"\($0)\"}" }.joined(separator: "\n")
        let error = try #require(throws: TaskError.self) { try self.load(text, .number) }
        #expect(
            "\(error)".contains(
                "mine.jsonl:2: repeats the prompt of line 1; remove one, or set task.repeated_prompts: keep"))
        let source = try self.load(text, .number, heldOut: 6, repeated: .keep)
        #expect(source.heldOut.count == 6 && source.training.count == 14)
        #expect(Set(source.heldOut.map(\.prompt)).isDisjoint(with: source.training.map(\.prompt)))
        #expect(Set((source.heldOut + source.training).map(\.answer)).count == 20)
    }

    @Test func onlyTheFirstTwentyBadLinesAreListedButAllAreCounted() throws {
        let directory = try ScratchDirectory()
        try directory.write("bad.jsonl", String(repeating: "?\n", count: 1000))
        let error = try #require(
            throws: TaskError.self,
            performing: {
                try TaskSource.load(
                    TaskConfiguration(kind: .jsonl, path: "bad.jsonl", heldOut: 0), baseDirectory: directory.path)
            })
        #expect("\(error)".split(separator: "\n").count == 21)
        #expect("\(error)".hasSuffix("... and 980 more lines of \(directory.path)/bad.jsonl"))
    }

    @Test func missingAndEmptyFilesAreNamed() throws {
        let directory = try ScratchDirectory()
        let path = "\(directory.path)/none.jsonl"
        #expect(throws: TaskError.unreadable(path: path, reason: "no such file")) {
            try TaskSource.load(TaskConfiguration(kind: .jsonl, path: path, heldOut: 0), baseDirectory: "")
        }
        try directory.write("empty.jsonl", "")
        #expect(throws: TaskError.empty(path: "\(directory.path)/empty.jsonl", wanted: "lines")) {
            try TaskSource.load(
                TaskConfiguration(kind: .asdivEasy, path: "empty.jsonl", heldOut: 0), baseDirectory: directory.path)
        }
        try directory.write("hard.jsonl", "{\"question\": \"Who?\", \"answer\": \"Bo\"}\n")
        #expect(throws: TaskError.empty(path: "\(directory.path)/hard.jsonl", wanted: "easy ASDiv problems")) {
            try TaskSource.load(
                TaskConfiguration(kind: .asdivEasy, path: "hard.jsonl", heldOut: 0), baseDirectory: directory.path)
        }
    }
}

/// A directory of one test, removed with it.
private final class ScratchDirectory {
    let path: String

    init() throws {
        self.path = "\(FileManager.default.temporaryDirectory.path)/ead-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(self.path)/\(name)"))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: self.path) } catch { Issue.record(error) }
    }
}
