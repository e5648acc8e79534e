import EADAlgorithms
import EADCore
import EADEnvironments
import EADFiles
import EADSampling
import Foundation
import Testing

@testable import EADConfiguration

@Suite struct SettingTests {
    @Test func pathsStartAtTheFileAtHomeOrAtTheRoot() throws {
        let text = ProblemTests.small.replacing(
            "run: {name: small", with: "model: {path: ~/models/m.gguf}\nrun: {directory: ../out/./x, name: small")
        let configuration = try reading(text).get()
        #expect(configuration.model.path == "/home/ada/models/m.gguf")
        #expect(configuration.run.directory == "/project/out/x")
        #expect(configuration.security.keys == "/project/cluster/keys")
    }

    private static func mine(_ settings: String) -> String {
        ProblemTests.small.replacing("kind: add2", with: "kind: jsonl, path: x, prompt: chat, \(settings)")
    }

    @Test func whatNamesOfTheUsersStandForIsReadAndWritten() throws {
        let text = Self.mine(
            """
            verifiers: {openai/gsm8k: gsm8k-strict, "math": boxed}, template_arguments: {enable_thinking: false, a: ~, \
            b: "false", c: high, d: 1.50, tools: [{type: function, parameters: {a: true}}]}
            """)
        let task = try reading(text).get().task
        #expect(task.verifiers == ["openai/gsm8k": .gsm8kStrict, "math": .boxed])
        #expect(
            task.templateArguments == [
                "enable_thinking": .flag(false), "a": .null, "b": .text("false"), "c": .text("high"),
                "d": .number("1.50"),
                "tools": .list([
                    .object([
                        .init("type", .text("function")), .init("parameters", .object([.init("a", .flag(true))])),
                    ])
                ]),
            ])
        let written = try reading(reading(text).get().resolvedYAML()).get().task
        #expect(written == task)
    }

    /// Settings, what is said.
    @Test(arguments: [
        ("verifiers: {a: gsm8k}", "task.verifiers: has a, which must be one of number"),
        ("verifiers: [a]", "task.verifiers: must be a mapping of names to verifiers, is a list"),
        (#"verifiers: {"": math}"#, "task.verifiers: has a name that is ''"),
        ("verifiers: {a: command}", "task.command: must name the program that verifies"),
        ("template_arguments: {a: {[b]: 1}}", "task.template_arguments: has a, which must have texts as keys"),
        ("columns: {source: answer}", "task.columns: must be different names"),
    ])
    func whatNoNameCanStandForIsRefused(settings: String, message: String) {
        #expect(problems(Self.mine(settings)).contains(message), "\(problems(Self.mine(settings)))")
    }

    @Test func settingsOfOneKindOfTaskAreRefusedForOthers() {
        let sums = ProblemTests.small.replacing("kind: add2", with: "kind: add2, verifiers: {a: math}")
        #expect(problems(sums).contains("task.verifiers: must be absent: add2 has problems of one source"))
        let raw = ProblemTests.small.replacing("kind: add2", with: "kind: add2, template_arguments: {a: 1}")
        #expect(problems(raw).contains("task.template_arguments: must be absent: only prompts that are chats"))
    }

    @Test func whatIsNotNamedIsInTheCacheOrBesideTheFile() throws {
        let text = ProblemTests.small.replacing("kind: add2", with: "kind: asdiv-easy")
        let configuration = try reading(text).get()
        #expect(configuration.model.path == "/home/ada/.cache/ead/SmolLM2-135M-Instruct.Q4_1.gguf")
        #expect(configuration.task.path == "/home/ada/.cache/ead/asdiv.jsonl")
        #expect(configuration.run.directory == "/project/cluster/runs/small")
    }

    @Test func theEnvironmentMovesHomeAndCache() {
        let moved = Places(file: "/a/b.yaml", home: "/h", cache: CacheDirectory(caches: "/c", home: "/h"))
        #expect(moved.base.path == "/a" && moved.home.path == "/h" && moved.cache.path == "/c/ead")
        let usual = Places(file: "/a/b.yaml", home: "/h", cache: CacheDirectory(caches: "", home: "/h"))
        #expect(usual.cache.path == "/h/.cache/ead")
        let here = Places(file: "b.yaml", home: "/h")
        #expect(here.resolve("x") == FileManager.default.currentDirectoryPath + "/x")
        let below = Places(file: "a/b.yaml", home: "/h")
        #expect(below.resolve("../runs/x") == FileManager.default.currentDirectoryPath + "/runs/x")
    }

    @Test func aFileOnDiskIsReadWithItsOwnDirectoryAsTheStart() throws {
        let file = ShippedFiles.directory.appending(path: "quickstart.yaml")
        let configuration = try ClusterConfiguration.load(path: file.path)
        let root = ShippedFiles.directory.deletingLastPathComponent()
        #expect(configuration.run.directory == root.appending(path: "runs/quickstart").standardized.path)
        #expect(configuration.sampling.maxTokens == 24)
    }

    @Test func listeningAddressesRepeatTheEndpointUnlessGiven() throws {
        let configuration = try reading(ProblemTests.small).get()
        #expect(configuration.controller.bind == Endpoint("tcp://127.0.0.1:7001"))
        let text = ProblemTests.small.replacing(
            "controller: {", with: "controller: {bind: \"tcp://127.0.0.9:7009\", name: boss, ")
        let other = try reading(text).get()
        #expect(other.controller.bind == Endpoint("tcp://127.0.0.9:7009"))
        #expect(other.nodes == [NodeID("boss"): .controller, NodeID("learner"): .learner, NodeID("w1"): .worker])
        #expect(other.worker(NodeID("w1"))?.lanes == 64 && other.worker(NodeID("boss")) == nil)
    }

    @Test func schedulesAreChosenByKind() throws {
        func schedule(_ text: String) throws -> TemperatureSchedule {
            try reading(ProblemTests.small.replacing("max_tokens: 8", with: "max_tokens: 8, schedule: \(text)")).get()
                .sampling.schedule
        }
        #expect(try schedule("{kind: constant, temperature: 0.7}") == .constant(0.7))
        #expect(try schedule("{kind: ead}") == .annealed(AnnealedSchedule()))
        #expect(try schedule("{kind: ead-released}") == .annealed(.released))
        #expect(
            try schedule("{kind: ead-released, clock: 2, d_0: 7}")
                == .annealed(AnnealedSchedule(initialDecay: 7, warmup: 10, clock: 2)))
    }

    @Test func everyKindOfScheduleIsReadWithItsParametersAndNoOthers() throws {
        for kind in ScheduleKind.allCases {
            let text = ProblemTests.small.replacing(
                "max_tokens: 8", with: "max_tokens: 8, schedule: {kind: \(kind.rawValue)}")
            let configuration = try reading(text).get()
            #expect(configuration.sampling.schedule == kind.schedule)
            #expect(try reading(configuration.resolvedYAML()).get() == configuration)
        }
        func problems(_ schedule: String) -> String {
            EADConfigurationTests.problems(
                ProblemTests.small.replacing("max_tokens: 8", with: "max_tokens: 8, schedule: \(schedule)"))
        }
        #expect(problems("{kind: step-only, horizon: 15, clock: 20}") == "")
        #expect(problems("{kind: ead, horizon: 15}").contains("schedule.horizon: is not a setting"))
        #expect(problems("{kind: step-decay, clock: 20}").contains("schedule.clock: is not a setting"))
        #expect(problems("{kind: mean-matched, d_0: 20}").contains("schedule.d_0: is not a setting"))
        #expect(problems("{kind: constant, warmup: 1}").contains("schedule.warmup: is not a setting"))
        #expect(
            problems("{kind: step-only, horizon: 0}")
                == "test.yaml:3: sampling.schedule.horizon: must be an integer, 1 to 1000000, is '0'")
    }

    @Test func settingsOverrideTheirPreset() throws {
        func algorithm(_ text: String) throws -> AlgorithmConfiguration {
            try reading("algorithm: \(text)\n" + ProblemTests.small).get().algorithm
        }
        #expect(try algorithm("{preset: dr-grpo}") == AlgorithmPreset.drGRPO.configuration)
        let gspo = try algorithm("{clip_high: 0.5, preset: gspo, rejections: [{measure: seq-max-k2, high: 3}]}")
        #expect(gspo.loss == .gspo && gspo.clipLow == 3e-4 && gspo.clipHigh == 0.5)
        #expect(gspo.rejections == [RejectionMask(measure: .sequenceMaxK2, high: 3)])
        #expect(try algorithm("{}") == AlgorithmPreset.grpo.configuration)
    }

    @Test func aPresetPastedAsYAMLIsThePreset() throws {
        for preset in AlgorithmPreset.allCases {
            let wanted = preset.configuration
            #expect(try reading(wanted.yaml() + ProblemTests.small).get().algorithm == wanted, "\(preset)")
        }
    }

    @Test func evaluationSamplesAsTrainingDoesUnlessToldOtherwise() throws {
        func sampling(_ evaluation: String) throws -> (SamplingConfiguration, SamplingConfiguration) {
            let text = ProblemTests.small.replacing("max_tokens: 8", with: "max_tokens: 8, top_k: 3, stop: [x]")
            let configuration = try reading("evaluation: {\(evaluation)}\n" + text).get()
            return (configuration.sampling, configuration.evaluation.sampling)
        }
        let (training, same) = try sampling("samples: 2")
        #expect(same == training && same.topK == 3)
        var expected = training
        expected.schedule = .constant(0)
        expected.maxTokens = 9
        let other = try sampling("sampling: {max_tokens: 9, schedule: {kind: constant, temperature: 0}}").1
        #expect(other == expected)
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("2s", .seconds(2)), ("5m", .seconds(300)), ("1h", .seconds(3600)),
        ("0s", .zero), ("90s", .seconds(90)),
    ])
    func durationsAreWholeNumbersWithAUnit(text: String, duration: Duration) {
        #expect(Duration(inYAML: text) == duration)
        #expect(Duration(inYAML: duration.inYAML) == duration)
    }

    @Test(arguments: ["", "5", "s", "1.5s", "-1s", " 1s", "1 s", "1d", "9999999999999999999s", "٣s"])
    func otherTextsAreNoDurations(text: String) {
        #expect(Duration(inYAML: text) == nil)
    }

    @Test(arguments: [
        ("stepz", "steps"), ("stpes", "steps"), ("learningRate", "learning_rate"), ("learning-rate", "learning_rate"),
        ("lerning_rate", "learning_rate"), ("topp", "top_p"), ("nmae", "name"),
    ])
    func typingErrorsAreGuessed(word: String, meant: String) {
        #expect(Spelling.closest(to: word, among: ["name", "steps", "learning_rate", "top_p"]) == meant)
    }

    @Test func wordsFarFromAnyAreNotGuessed() {
        #expect(Spelling.closest(to: "temperature", among: ["name", "steps", "learning_rate", "top_p"]) == nil)
        #expect(Spelling.closest(to: "", among: ["name"]) == nil)
    }
}
