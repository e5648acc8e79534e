import EADConfiguration
import EADCore
import EADMessages
import EADTestKit
import Testing

/// What `ead-ctl validate` accepts can be sent.
@Suite struct MessageSizeTests {
    private func configuration(samples: Int, tokens: Int) -> Result<ClusterConfiguration, ConfigurationError> {
        let text = """
            run: {name: size, steps: 1}
            task: {kind: add2, held_out: 8}
            sampling: {max_tokens: \(tokens)}
            training: {prompts_per_step: 1, samples_per_prompt: \(samples), learning_rate: 1.0e-6}
            evaluation: {before: false, after: false}
            nodes:
              controller: {endpoint: "tcp://127.0.0.1:17701"}
              learner: {endpoint: "tcp://127.0.0.1:17702"}
              workers: [{name: w}]
            """
        return Result { () throws(ConfigurationError) in
            try ClusterConfiguration.parse(text, file: "test.yaml", places: Places(file: "/tmp/test.yaml"))
        }
    }

    /// A group in which every response is as long as it may be.
    private func longest(samples: Int, tokens: Int) -> Envelope {
        let trace = TokenTrace.filled([TokenID](repeating: 1 << 30, count: tokens))
        let verdict = Verdict(
            reward: 1, strictReward: 1, prediction: String(repeating: "x", count: min(tokens, 64 << 10)))
        let rollout = Rollout(trace: trace, finish: .length, verdict: verdict)
        let group = RolloutGroup(
            id: GroupID(step: GlobalStep(1 << 40), slot: 1 << 20), attempt: 1 << 20,
            policyVersion: PolicyVersion(1 << 40),
            problem: 1 << 20, promptTokens: [TokenID](repeating: 1 << 30, count: 200_000),
            rollouts: Array(repeating: rollout, count: samples))
        return Envelope(
            run: RunID(bytes: [UInt8](repeating: 7, count: 16)), sender: NodeID("w"), epoch: Epoch(1 << 40),
            number: 1 << 40,
            message: .rolloutGroup(group))
    }

    @Test(arguments: 0..<12) func theLongestGroupOfAnAcceptedFileIsTakenByItsReceiver(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let samples = Int.random(in: 2...1024, using: &random)
        let tokens = Int.random(in: 1...max(1, 400_000 / samples), using: &random)
        let limit = try self.configuration(samples: samples, tokens: tokens).get().maximumMessageBytes
        let bytes = EnvelopeCodec.encode(self.longest(samples: samples, tokens: tokens))
        #expect(bytes.count <= limit)
        let back = try bytes.withUnsafeBytes { bytes throws(DecodeError) in
            try EnvelopeCodec.decode(bytes, limit: limit)
        }
        #expect(back.message == self.longest(samples: samples, tokens: tokens).message)
    }

    @Test func groupsThatOthersPublishedFit() throws {
        // 1024 short ones; the recipe of DAPO.
        for (samples, tokens) in [(1024, 900), (16, 20_480)] {
            let limit = try self.configuration(samples: samples, tokens: tokens).get().maximumMessageBytes
            #expect(EnvelopeCodec.encode(self.longest(samples: samples, tokens: tokens)).count <= limit)
        }
    }

    @Test func whatCannotBeSentIsRefusedWithTheArithmetic() {
        guard case .failure(let error) = self.configuration(samples: 1024, tokens: 20_480) else {
            Issue.record("accepted")
            return
        }
        #expect(
            error.description.contains(
                "training.samples_per_prompt: is too large for the length of the responses: 1024 responses of 20480 tokens "
                    + "make a message of 642 MiB, and 256 MiB is the most that is sent"), "\(error)")
    }
}
