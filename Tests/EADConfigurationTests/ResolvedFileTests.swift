import EADAlgorithms
import EADCore
import EADEnvironments
import EADFiles
import EADProtocol
import EADSampling
import EADTestKit
import Foundation
import Testing

@testable import EADConfiguration

@Suite struct ResolvedFileTests {
    @Test func everyShippedFileIsValidAndItsResolvedFormReadsBackAsTheSame() throws {
        let names = try ShippedFiles.names
        #expect(names.contains("quickstart.yaml") && names.contains("two-hosts.yaml"))
        for name in names {
            let configuration = try reading(ShippedFiles.text(name)).get()
            let resolved = configuration.resolvedYAML()
            #expect(try reading(resolved).get() == configuration, "\(name)")
            #expect(try reading(resolved).get().resolvedYAML() == resolved, "\(name)")
            #expect(try reading(resolved).get().hash == configuration.hash, "\(name)")
        }
    }

    @Test func theResolvedFileIsIndependentOfWhereItIsReadBack() throws {
        let configuration = try reading(ShippedFiles.text("quickstart.yaml")).get()
        let elsewhere = Places(
            base: URL(filePath: "/other"), home: URL(filePath: "/home/eve"),
            cache: CacheDirectory(caches: "/var/cache", home: "/home/eve"))
        let read = try ClusterConfiguration.parse(
            configuration.resolvedYAML(), file: "resolved.yaml", places: elsewhere)
        #expect(read == configuration)
    }

    @Test func sharedSettingsAreThoseOfTheResolvedFileByTheirPaths() throws {
        let settings = try reading(ShippedFiles.text("quickstart.yaml")).get().sharedSettings
        #expect(settings["training.prompts_per_step"] == "16")
        #expect(settings["sampling.schedule.kind"] == "ead")
        #expect(settings["task.kind"] == "asdiv-easy")
        #expect(settings["run.directory"] == nil && settings["nodes.learner.threads"] == nil, "local")
    }

    @Test func textsOfAnyKindSurvive() throws {
        var configuration = try reading(ShippedFiles.text("quickstart.yaml")).get()
        configuration.task = TaskConfiguration(
            kind: .jsonl, path: "/data/a b\"c\\d.jsonl", heldOut: 100,
            template: "Q: {prompt}\nA:\t\u{1}\u{85}\u{FEFF}é😀#: ")
        configuration.sampling.stopStrings = ["\n", "\"", "~", "", "null", "# no comment", "\u{2028}", "- x", "😀"]
        configuration.sampling.stopStrings.removeAll { $0.isEmpty }
        configuration.run.directory = "/tmp/über dir"
        #expect(try reading(configuration.resolvedYAML()).get() == configuration)
    }

    @Test(arguments: 0..<200) func anyNumbersSurvive(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var configuration = try reading(ShippedFiles.text("quickstart.yaml")).get()
        configuration.run.seed = random.next()
        configuration.training.learningRate = Double.random(in: 1e-12...1, using: &random)
        configuration.training.epsilon = Double(Float.random(in: 1e-30...1, using: &random))
        configuration.sampling.topP = Float.random(in: Float.leastNormalMagnitude...1, using: &random)
        configuration.algorithm.clipHigh = Float.random(in: 0..<2, using: &random)
        configuration.protocol.leaseDuration = .milliseconds(Int.random(in: 3000...86_400_000, using: &random))
        configuration.sampling.schedule = .annealed(
            AnnealedSchedule(
                maximum: Double.random(in: 1...10, using: &random),
                minimum: Double.random(in: 0.01...1, using: &random),
                initialDecay: Double.random(in: 1e-6...1e9, using: &random)))
        #expect(try reading(configuration.resolvedYAML()).get() == configuration)
    }
}
