import EADCore
import EADSampling
import EADTasks
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

    @Test func whatIsNotNamedIsInTheCacheOrBesideTheFile() throws {
        let text = ProblemTests.small.replacing("kind: add2", with: "kind: asdiv-easy")
        let configuration = try reading(text).get()
        #expect(configuration.model.path == "/home/ada/.cache/ead/SmolLM2-135M-Instruct.Q4_1.gguf")
        #expect(configuration.task.path == "/home/ada/.cache/ead/asdiv.jsonl")
        #expect(configuration.run.directory == "/project/cluster/runs/small")
    }

    @Test func theEnvironmentMovesHomeAndCache() {
        let moved = Places(file: "/a/b.yaml", environment: ["HOME": "/h", "XDG_CACHE_HOME": "/c"])
        #expect(moved.base.path == "/a" && moved.home.path == "/h" && moved.cache.path == "/c/ead")
        let usual = Places(file: "/a/b.yaml", environment: ["HOME": "/h", "XDG_CACHE_HOME": ""])
        #expect(usual.cache.path == "/h/.cache/ead")
        let here = Places(file: "b.yaml", environment: ["HOME": "/h"])
        #expect(here.resolve("x") == FileManager.default.currentDirectoryPath + "/x")
        let below = Places(file: "a/b.yaml", environment: ["HOME": "/h"])
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
        #expect(other.worker(NodeID("w1"))?.slots == 64 && other.worker(NodeID("boss")) == nil)
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
                == .annealed(AnnealedSchedule(initialDecay: 7, clock: 2)))
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
