import EADCore
import Foundation
import Testing

@testable import EADConfiguration

@Suite struct HashTests {
    private func hash(replacing old: String, by new: String) throws -> [UInt8] {
        #expect(ProblemTests.small.contains(old))
        return try reading(ProblemTests.small.replacing(old, with: new)).get().hash
    }

    @Test func hostsMayDifferInPathsThreadsSlotsAndListeningAddresses() throws {
        let hash = try reading(ProblemTests.small).get().hash
        #expect(hash.count == 32)
        #expect(try self.hash(replacing: "name: small", by: "name: small, directory: /tmp/x") == hash)
        #expect(try self.hash(replacing: "run:", by: "model: {path: /tmp/m}\nrun:") == hash)
        #expect(try self.hash(replacing: "run:", by: "security: {keys: /tmp/k}\nrun:") == hash)
        #expect(try self.hash(replacing: "learner: {", by: "learner: {threads: 9, logit_rows: 8, ") == hash)
        #expect(try self.hash(replacing: "learner: {", by: "learner: {bind: \"tcp://127.0.0.7:1\", ") == hash)
        #expect(try self.hash(replacing: "{name: w1}", by: "{name: w1, threads: 3, logit_rows: 9, lanes: 7}") == hash)
        let program = "held_out: 8, verifier: command, command: "
        #expect(
            try self.hash(replacing: "held_out: 8", by: program + "[python3, ./verify.py]")
                == self.hash(replacing: "held_out: 8", by: program + "[/opt/verify]"))
    }

    @Test func commentsOrderAndDefaultsDoNotMatter() throws {
        let lines = ProblemTests.small.split(separator: "\n").map { String($0) }
        let turned = (lines[4...] + lines[..<4] + ["# a comment", "evaluation: {before: true}"]).joined(separator: "\n")
        #expect(try reading(turned).get().hash == reading(ProblemTests.small).get().hash)
    }

    @Test func everythingElseMustAgree() throws {
        var hashes: [[UInt8]] = [try reading(ProblemTests.small).get().hash]
        for (old, new) in [
            ("name: small", "name: other"), ("steps: 1", "steps: 2"), ("steps: 1", "steps: 1, seed: 1"),
            ("learning_rate:", "micro_batch_rows: 1023, learning_rate:"),
            ("add2, held_out: 8", "add2, held_out: 9"), ("max_tokens: 8", "max_tokens: 9"),
            ("max_tokens: 8", "max_tokens: 8, stop: [x]"), ("max_tokens: 8", "max_tokens: 8, schedule: {d_0: 24}"),
            ("learning_rate: 1.0e-6", "learning_rate: 1.0e-7"), ("7002", "7003"), ("name: w1", "name: w2"),
            ("[{name: w1}]", "[{name: w1}, {name: w2}]"), ("run:", "model: {precision: f32}\nrun:"),
            ("run:", "protocol: {lease_duration: 61s}\nrun:"), ("run:", "algorithm: {clip_high: 0.28}\nrun:"),
            ("run:", "checkpoint: {every: 9}\nrun:"), ("run:", "evaluation: {after: false}\nrun:"),
            ("run:", "evaluation: {sampling: {top_p: 0.9}}\nrun:"),
        ] {
            hashes.append(try self.hash(replacing: old, by: new))
        }
        #expect(Set(hashes).count == hashes.count)
    }

    private static let changeable = [
        ("steps: 1", "steps: 2"), ("learning_rate:", "logprob_mismatch: warn, learning_rate:"), ("7002", "7003"),
        ("[{name: w1}]", "[{name: w1}, {name: w2}]"), ("run:", "protocol: {lease_duration: 61s}\nrun:"),
        ("run:", "checkpoint: {every: 9}\nrun:"), ("run:", "evaluation: {after: false}\nrun:"),
        ("run:", "evaluation: {sampling: {top_p: 0.9}}\nrun:"),
    ]

    @Test(arguments: changeable)
    func whatChangesNothingThatWasComputedMayChangeWhenARunIsResumed(old: String, new: String) throws {
        let before = try reading(ProblemTests.small).get()
        let after = try reading(ProblemTests.small.replacing(old, with: new)).get()
        #expect(before.lastingHash == after.lastingHash && before.hash != after.hash)
        #expect(after.lastingDifferences(from: before).isEmpty)
    }

    @Test(arguments: [
        ("name: small", "name: other", #"run.name was "small", is "other""#),
        ("steps: 1", "steps: 1, seed: 1", "run.seed was 0, is 1"),
        ("held_out: 8", "held_out: 9", "task.held_out was 8, is 9"),
        ("max_tokens: 8", "max_tokens: 8, top_p: 0.9", "sampling.top_p was 1.0, is 0.9"),
        ("learning_rate:", "micro_batch_rows: 1023, learning_rate:", "training.micro_batch_rows was 1024, is 1023"),
        ("run:", "algorithm: {clip_high: 0.28}\nrun:", "algorithm.clip_high was 0.2, is 0.28"),
        (
            "max_tokens: 8", "max_tokens: 8, schedule: {kind: constant, temperature: 0.5}",
            "sampling.schedule.temperature was not set, is 0.5"
        ),
    ])
    func everythingElseIsNamedWithBothValues(old: String, new: String, difference: String) throws {
        let before = try reading(ProblemTests.small).get()
        let after = try reading(ProblemTests.small.replacing(old, with: new)).get()
        #expect(before.lastingHash != after.lastingHash)
        let differences = after.lastingDifferences(from: before).map(\.description)
        #expect(differences.contains(difference), "\(differences)")
    }

    /// Computed with Python's hashlib over the lines that the doc comment of `hash` describes.
    @Test func theHashIsTheDocumentedOne() throws {
        let hash = try reading(ProblemTests.small).get().hash
        let text = hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(text == "f08f118bbaac3510d57190550f69f8f4db6b04271070b67e3aae334804e29e53")
    }
}
