import EADAlgorithms
import EADEnvironments
import EADSampling
import Testing

@testable import EADConfiguration

/// Settings that no file was read for are checked as if they stood in one, and are called by the names of the file.
@Suite struct SettingCheckTests {
    @Test func everyImpossibleSettingOfSamplingIsReported() {
        let schedule = AnnealedSchedule(
            shape: .stepOnly, maximum: .nan, minimum: -1, initialDecay: 0, decayGrowth: -1, decayLimit: .infinity,
            warmup: -1, clock: 0, horizon: 0)
        let sampling = SamplingConfiguration(
            schedule: .annealed(schedule), topK: -1, topP: 0, minP: 2, maxTokens: 0, stopStrings: [""])
        #expect(
            sampling.problems().map(\.path) == [
                "schedule.tau_max", "schedule.tau_min", "schedule.d_0", "schedule.growth", "schedule.d_max",
                "schedule.warmup", "schedule.clock", "schedule.horizon", "top_k", "top_p", "min_p", "max_tokens",
                "stop",
            ])
        #expect(sampling.problems()[9].message == "must be a number, above 0, at most 1, is '0.0'")
        #expect(SamplingConfiguration(schedule: .constant(1), maxTokens: 1).problems().isEmpty)
    }

    @Test func everyImpossibleScheduleIsReported() {
        let crossed = TemperatureSchedule.annealed(AnnealedSchedule(maximum: 0.5, minimum: 0.6))
        #expect(crossed.problems().map(\.path) == ["tau_min"])
        #expect(crossed.problems()[0].message == "must not exceed tau_max, but 0.6 > 0.5")
        #expect(TemperatureSchedule.constant(-0.1).problems().map(\.path) == ["temperature"])
        #expect(TemperatureSchedule.constant(0).problems().isEmpty)
        for kind in ScheduleKind.allCases { #expect(kind.schedule.problems().isEmpty, "\(kind)") }
    }

    @Test func everyImpossibleTaskIsReported() {
        func paths(_ configuration: TaskConfiguration) -> [String] { configuration.problems().map(\.path) }
        #expect(paths(TaskConfiguration(kind: .add2, heldOut: 10)).isEmpty)
        #expect(
            paths(TaskConfiguration(kind: .add2, path: "x", heldOut: -1, template: "{prompt}"))
                == ["held_out", "path", "template"])
        #expect(paths(TaskConfiguration(kind: .asdivEasy, heldOut: 1)) == ["path"])
        #expect(
            paths(TaskConfiguration(kind: .jsonl, path: "", heldOut: 1, template: "none")) == ["path", "template"])
        #expect(
            paths(TaskConfiguration(kind: .jsonl, path: "a", heldOut: 1, template: "{prompt}{prompt}")) == ["template"])
        #expect(paths(TaskConfiguration(kind: .jsonl, path: "a", heldOut: 1, template: "Q {prompt} A")).isEmpty)
        #expect(paths(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command)) == ["command"])
        #expect(paths(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command, command: [""])) == ["command"])
        #expect(paths(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .exact, command: ["a"])) == ["command"])
        #expect(
            paths(
                TaskConfiguration(
                    kind: .add2, heldOut: 1, verifier: .command, command: ["a", "\0"], commandTimeout: .zero))
                == ["command_timeout", "command"])
        #expect(paths(TaskConfiguration(kind: .add2, heldOut: 1, verifier: .command, command: ["a", ""])).isEmpty)
    }

    @Test(arguments: [
        ("clip_low: 1.5", "clip_low"), ("clip_high: -1", "clip_high"), ("dual_clip: 1", "dual_clip"),
        ("covariance_ratio: 0", "covariance_ratio"), ("covariance_low: 5", "covariance_low"),
        ("covariance_penalty: .inf", "covariance_penalty"), ("norm_tokens: 0", "norm_tokens"),
        ("correction_cap: .nan", "correction_cap"), ("correction_low: -1", "correction_low"),
        ("correction_high: 0.25", "correction_high"), ("kl_coefficient: -1", "kl_coefficient"),
        ("entropy_coefficient: -1", "entropy_coefficient"), ("overlong_buffer: -1", "overlong_buffer"),
        ("overlong_factor: -1", "overlong_factor"), ("group_filter_rounds: 0", "group_filter_rounds"),
        ("rejections: [{measure: token-k1, high: 2}]", "rejections[0].low"),
        ("rejections: [{measure: token-k1, low: 3, high: 2}]", "rejections[0].low"),
        ("rejections: [{measure: token-k2, low: 1, high: 2}]", "rejections[0].low"),
        ("rejections: [{measure: token-k2, high: 0}]", "rejections[0].high"),
    ])
    func everyImpossibleSettingOfAnAlgorithmIsReported(setting: String, path: String) {
        let found = problems("algorithm: {\(setting)}\n" + ProblemTests.small)
        #expect(found.hasPrefix("test.yaml:1: algorithm.\(path): must be") && !found.contains("\n"), "\(found)")
    }

    @Test func everySettingOfAnAlgorithmHasADefault() throws {
        let text = "algorithm: {clip_high: 0.28, correction: token-truncated, correction_cap: 4}\n" + ProblemTests.small
        var expected = AlgorithmConfiguration()
        expected.clipHigh = 0.28
        expected.correction = .tokenTruncated
        expected.correctionCap = 4
        #expect(try reading(text).get().algorithm == expected)
        #expect(
            problems("algorithm: {advantage: luck}\n" + ProblemTests.small)
                .hasPrefix("test.yaml:1: algorithm.advantage: must be one of grpo"))
        #expect(try reading("algorithm: {dual_clip: 0}\n" + ProblemTests.small).get().algorithm.dualClip == 0)
    }

    @Test(arguments: [
        ("{kind: constant}", TemperatureSchedule.constant(1)), ("{kind: constant, temperature: 0.5}", .constant(0.5)),
        ("{kind: ead}", .annealed(AnnealedSchedule())),
        ("{kind: ead, d_0: 8, warmup: 0}", .annealed(.init(initialDecay: 8, warmup: 0))),
        (
            "{kind: step-only, horizon: 15, clock: 2}",
            .annealed(AnnealedSchedule(shape: .stepOnly, clock: 2, horizon: 15))
        ),
        ("{kind: ead-released, tau_min: 0.8}", .annealed(AnnealedSchedule(minimum: 0.8, warmup: 10, clock: 20))),
    ])
    func aScheduleIsReadWithDefaultsAndWrittenInFull(text: String, schedule: TemperatureSchedule) throws {
        let file = ProblemTests.small.replacing("max_tokens: 8", with: "max_tokens: 8, schedule: \(text)")
        let read = try reading(file).get()
        #expect(read.sampling.schedule == schedule)
        #expect(try reading(read.resolvedYAML()).get().sampling.schedule == schedule)
    }

    @Test func anUnknownKindNamesTheKnownOnes() {
        let file = ProblemTests.small.replacing("max_tokens: 8", with: "max_tokens: 8, schedule: {kind: warm}")
        #expect(problems(file).contains("must be one of ead, ead-released, constant, reverse"))
    }

    @Test func theWordsOfARangeAreWhatItTests() {
        let ranges: [(NumberRange<Double>, String, inside: [Double], outside: [Double])] = [
            (.any, "", [-1e300, 0, 1e300], []), (.within(0.5...2), "0.5 to 2", [0.5, 2], [0.4, 2.1]),
            (.atLeast(0), "at least 0", [0, 1e300], [-1e-300]),
            (.atLeast(0, below: 1), "at least 0, below 1", [0, 0.9], [-0.1, 1]),
            (.above(0), "above 0", [1e-300], [0]), (.above(0, atMost: 1), "above 0, at most 1", [0.1, 1], [0, 1.1]),
            (.above(1).or(0, "no limit"), "0 (no limit) or above 1", [0, 1.1], [-1, 0.5, 1]),
            (.above(1).and("below x"), "above 1, below x", [2], [1]),
        ]
        for (range, words, inside, outside) in ranges {
            #expect(range.words == words)
            #expect(inside.allSatisfy(range.contains) && !outside.contains(where: range.contains), "\(words)")
        }
    }
}
