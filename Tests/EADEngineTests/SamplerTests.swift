import EADCore
import EADEngine
import EADEnvironments
import EADModels
import EADSampling
import EADTestKit
import Foundation
import Testing

struct SamplerTests {
    private let tokenizer: Tokenizer
    private let sampler: Sampler
    private let episode = Episode(problem: Problem(index: 5, prompt: "p", answer: "7"), prompt: "1 + 2")

    init() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "ead-\(UUID().uuidString).gguf")
        try TinyModel.write(to: file.path)
        defer { try? FileManager.default.removeItem(at: file) }
        self.tokenizer = try Tokenizer(ModelFile(path: file.path))
        self.sampler = Sampler(
            tokenizer: self.tokenizer, prompts: try PromptEncoder(self.tokenizer),
            training: SamplingConfiguration(schedule: .constant(1), maxTokens: 3, stopStrings: ["x"]),
            evaluation: SamplingConfiguration(schedule: .constant(0.5), maxTokens: 9), isGreedyEvaluated: true,
            stopStrings: ["\n"])
    }

    private func id(_ purpose: Purpose) -> GroupID { GroupID(purpose: purpose, step: GlobalStep(4), slot: 2) }

    private func group(_ purpose: Purpose, _ texts: [String]) -> GeneratedGroup {
        GeneratedGroup(
            id: self.id(purpose), version: PolicyVersion(4),
            samples: texts.map {
                GeneratedSample(trace: TokenTrace(tokens: self.tokenizer.encode($0)), finish: .stopToken)
            })
    }

    @Test func aTrainingRequestFollowsFromTheGroupTheProblemAndTheSeed() throws {
        let request = try self.sampler.request(self.id(.training), episode: self.episode, samples: 2, seed: 8)
        #expect(request.promptTokens == self.tokenizer.encode("1 + 2") && request.step == GlobalStep(4))
        #expect(request.sampling.stopStrings == ["x", "\n"] && request.sampling.maxTokens == 3)
        let keys = (UInt32(0)..<2).map {
            SampleKey(seed: 8, purpose: .training, step: GlobalStep(4), problem: 5, sample: $0)
        }
        #expect(request.samples == keys.map { SampleSpecification(key: $0) })
    }

    @Test func anEvaluationHasAGreedyResponseAtItsEnd() throws {
        let request = try self.sampler.request(self.id(.evaluation), episode: self.episode, samples: 2, seed: 8)
        #expect(request.samples.map(\.greedy) == [false, false, true])
        #expect(request.samples.map(\.key.sample) == [0, 1, 2])
        #expect(request.sampling.stopStrings == ["\n"] && request.sampling.maxTokens == 9)
        let verdict = Verdict(reward: 1, strictReward: 0, prediction: "7")
        let graded = self.sampler.graded(
            self.group(.evaluation, ["a", "b", "c"]), samples: 2, verdicts: [verdict, nil, verdict])
        #expect(graded.map(\.greedy) == [false, false, true] && graded.map(\.text) == ["a", "b", "c"])
        #expect(graded.map(\.verdict) == [verdict, nil, verdict])
    }

    @Test func aRolloutWithoutAVerdictHasNoScore() throws {
        let verdict = Verdict(reward: 0.5, strictReward: 0, prediction: nil)
        let group = try self.sampler.rollouts(
            self.group(.training, ["a", "b"]), attempt: 3, episode: self.episode, verdicts: [verdict, nil])
        #expect(group.attempt == 3 && group.problem == 5 && group.policyVersion == PolicyVersion(4))
        #expect(group.promptTokens == self.tokenizer.encode("1 + 2"))
        #expect(group.rollouts.map(\.verdict) == [verdict, nil])
    }

    /// Response, stop strings, text: for training with these, for an evaluation with a line feed only.
    @Test(
        arguments: [
            (" blue\nR:", ["R:", "\nR"], " blue", " blue"), (" blue\n", ["\n"], " blue", " blue"),
            ("42\nQ2", ["Q"], "42", "42"), ("42 Q2", ["Q"], "42 ", "42 Q2"),
            ("a\u{20AC}b", ["\u{20AC}"], "a", "a\u{20AC}b"),
            ("xyx", ["yx", "x"], "", "xyx"), ("x", ["xx"], "x", "x"), ("<|im_end|>x", ["|im"], "", "x"),
        ])
    func theTextEndsBeforeTheEarliestStopString(
        response: String, stops: [String], training: String, evaluation: String
    ) async throws {
        let sampler = Sampler(
            tokenizer: self.tokenizer, prompts: try PromptEncoder(self.tokenizer),
            training: SamplingConfiguration(schedule: .constant(1), maxTokens: 3, stopStrings: stops),
            evaluation: SamplingConfiguration(schedule: .constant(0.5), maxTokens: 9), isGreedyEvaluated: true,
            stopStrings: ["\n"])
        for (purpose, text) in [(Purpose.training, training), (.evaluation, evaluation)] {
            let group = self.group(purpose, [response])
            #expect(sampler.text(group.samples[0], purpose: purpose) == text)
            let verdict = await sampler.verdict(
                on: group.samples[0], purpose: purpose, in: self.episode, by: Echo())
            #expect(verdict?.prediction ?? "" == text)
            // What is trained on is what was sampled.
            let rollouts = try sampler.rollouts(group, attempt: 1, episode: self.episode, verdicts: [verdict])
            #expect(rollouts.rollouts[0].trace == group.samples[0].trace)
        }
        #expect(sampler.graded(self.group(.evaluation, [response]), samples: 1, verdicts: [nil])[0].text == evaluation)
    }

    /// Says what it heard.
    private struct Echo: Environment {
        nonisolated(nonsending) func step(_ response: String, in episode: Episode) async -> Turn {
            response == "again"
                ? .observation("?") : .end(Verdict(reward: 1, strictReward: 1, prediction: response))
        }
    }

    @Test func theEnvironmentHearsTheTextAndAnotherTurnIsNotGiven() async {
        let samples = self.group(.training, ["an answer", "again"]).samples
        let heard = await self.sampler.verdict(on: samples[0], purpose: .training, in: self.episode, by: Echo())
        #expect(heard?.prediction == "an answer")
        #expect(await self.sampler.verdict(on: samples[1], purpose: .training, in: self.episode, by: Echo()) == nil)
    }
}
