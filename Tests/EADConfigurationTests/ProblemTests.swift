import EADEnvironments
import Foundation
import Testing

@testable import EADConfiguration

@Suite struct ProblemTests {
    /// A valid file with as few settings as possible.
    static let small = """
        run: {name: small, steps: 1}
        task: {kind: add2, held_out: 8}
        sampling: {max_tokens: 8}
        training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1.0e-6}
        nodes:
          controller: {endpoint: "tcp://127.0.0.1:7001"}
          learner: {endpoint: "tcp://127.0.0.1:7002"}
          workers: [{name: w1}]
        """

    private func problems(replacing old: String, by new: String) -> String {
        EADConfigurationTests.problems(Self.small.replacing(old, with: new))
    }

    @Test func aSmallFileIsEnough() {
        #expect(EADConfigurationTests.problems(Self.small) == "")
    }

    @Test func theSamplingOfEvaluationsIsCheckedInItsOwnPlace() {
        let found = self.problems(replacing: "run:", by: "evaluation: {sampling: {top_p: 1.5, temprature: 1}}\nrun:")
        #expect(found.contains("evaluation.sampling.top_p: must be a number, above 0, at most 1, is '1.5'"))
        #expect(found.contains("evaluation.sampling.temprature: is not a setting"))
        // What it has from the training's sampling is complained about there only.
        let shared = self.problems(replacing: "max_tokens: 8", by: "max_tokens: 8, top_p: 1.5")
        #expect(shared.contains("sampling.top_p") && !shared.contains("evaluation.sampling"))
    }

    @Test func everyProblemIsReportedAtOnceWithPathAndLine() {
        let text = """
            run:
              name: my run
              stepz: 40
            model:
              precision: fp16
            task:
              kind: gsm8k
            sampling:
              schedule:
                kind: ead
                tau_max: hot
                tau_min: 3
              top_p: 1.5
              max_tokens: 0
            training:
              prompts_per_step: 16.5
              samples_per_prompt: "8"
              learning_rate: -1
              staleness_bound: 65
            protocol:
              dead_after: 5
              heartbeat_interval: 3s
            nodes:
              controller:
                endpoint: 127.0.0.1:7001
              learner:
                endpoint: tcp://10.0.0.1:7002
              workers:
                - name: learner
                - lanes: many
            extra: true
            """
        #expect(
            EADConfigurationTests.problems(text) == """
                test.yaml:1: run.steps: is missing
                test.yaml:2: run.name: must be a word, of letters, digits, - and _, at most 64, is 'my run'
                test.yaml:3: run.stepz: is not a setting; did you mean steps?
                test.yaml:5: model.precision: must be one of bf16, f32, is 'fp16'
                test.yaml:6: task.held_out: is missing
                test.yaml:7: task.kind: must be one of asdiv-easy, add2, countdown, paths, jsonl, is 'gsm8k'
                test.yaml:11: sampling.schedule.tau_max: must be a number, 0.001 to 100, is 'hot'
                test.yaml:12: sampling.schedule.tau_min: must not exceed tau_max, but 3.0 > 1.2
                test.yaml:13: sampling.top_p: must be a number, above 0, at most 1, is '1.5'
                test.yaml:14: sampling.max_tokens: must be an integer, 1 to 1000000, is '0'
                test.yaml:16: training.prompts_per_step: must be an integer, 1 to 65536, is '16.5'
                test.yaml:17: training.samples_per_prompt: must be an integer, 2 to 1024, is '8'
                test.yaml:18: training.learning_rate: must be a number, above 0, at most 1, is '-1'
                test.yaml:19: training.staleness_bound: must be an integer, 0 to 64, is '65'
                test.yaml:21: protocol.dead_after: must be a duration such as 500ms, 2s, 5m or 1h, 50ms to 24h, is '5'
                test.yaml:25: nodes.controller.endpoint: must be an address tcp://host:port, with a port above 0, is \
                '127.0.0.1:7001'
                test.yaml:27: nodes.learner.endpoint: must be a loopback address while security.mode is plaintext, is \
                tcp://10.0.0.1:7002; other hosts need security.mode: curve
                test.yaml:29: nodes.workers[0].name: must be unique, but 'learner' is the name of nodes.learner
                test.yaml:30: nodes.workers[1].name: is missing
                test.yaml:30: nodes.workers[1].lanes: must be an integer, 1 to 4096, is 'many'
                test.yaml:31: extra: is not a setting; known here: run, model, task, sampling, algorithm, training, \
                evaluation, checkpoint, journal, log, observe, protocol, nodes, security
                """)
    }

    @Test func aVerifierProgramNeedsItsWordsAndItsTime() throws {
        func task(_ settings: String) -> String {
            Self.small.replacing("held_out: 8", with: "held_out: 8, \(settings)")
        }
        #expect(
            EADConfigurationTests.problems(task("verifier: command"))
                == "test.yaml:2: task.command: must name the program that verifies")
        #expect(
            EADConfigurationTests.problems(task("command: [a]"))
                == "test.yaml:2: task.command: must be absent: only the verifier command runs a program")
        #expect(
            EADConfigurationTests.problems(task("verifier: command, command: [a], command_timeout: 55s"))
                == "test.yaml:2: task.command_timeout: must be, with protocol.backoff.maximum, below "
                + "protocol.lease_duration and protocol.stalled_after, is 55s")
        let words = try reading(task("verifier: command, command: [python3, ./a.py, ../b, ~/c, d/e, -f]")).get().task
            .command
        #expect(words[0] == "python3" && words[4...] == ["d/e", "-f"])
        #expect(words[1].hasPrefix("/") && words[1].hasSuffix("/a.py") && !words[1].contains("./"))
        #expect(words[2].hasSuffix("/b") && words[3].hasSuffix("/c") && words[2...3].allSatisfy { $0.hasPrefix("/") })
    }

    @Test func aMissingSectionIsReportedByItsRequiredSettings() {
        let found = EADConfigurationTests.problems("run: {name: a, steps: 1}")
        #expect(
            found == """
                test.yaml: task.kind: is missing
                test.yaml: task.held_out: is missing
                test.yaml: sampling.max_tokens: is missing
                test.yaml: training.prompts_per_step: is missing
                test.yaml: training.samples_per_prompt: is missing
                test.yaml: training.learning_rate: is missing
                test.yaml: nodes.controller.endpoint: is missing
                test.yaml: nodes.learner.endpoint: is missing
                test.yaml: nodes.workers: must name at least one worker
                """)
    }

    @Test func repeatedKeysAreReportedTogetherWithEverythingElse() {
        let text = """
            run:
              name: a
              steps: 1
              steps: 2
            task: {kind: add2, held_out: 8}
            sampling:
              max_tokens: 8
            training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1}
            nodes:
              controller: {endpoint: "tcp://127.0.0.1:7001"}
              learner: {endpoint: "tcp://127.0.0.1:7002"}
              workers:
                - name: w1
                  lanes: 1
                  name: w2
            # a comment at the margin does not end a mapping
            sampling:
              top_q: 1
            """
        #expect(
            EADConfigurationTests.problems(text) == """
                test.yaml:4: run.steps: is given twice, first in line 3
                test.yaml:15: nodes.workers[0].name: is given twice, first in line 13
                test.yaml:17: sampling: is given twice, first in line 6
                """)
        #expect(
            EADConfigurationTests.problems(#"run: {name: a, name: b}"#) == "test.yaml:1: name: is given twice")
    }

    @Test(arguments: [
        ("", "test.yaml: is empty; cluster/quickstart.yaml shows what belongs into it"),
        ("# nothing", "test.yaml: is empty; cluster/quickstart.yaml shows what belongs into it"),
        ("~", "test.yaml: is empty; cluster/quickstart.yaml shows what belongs into it"),
        ("run: [", "test.yaml:2: is not YAML: did not find expected node content"),
        ("run: {name: a\ntask: b", "test.yaml:2: is not YAML: did not find expected ',' or '}'"),
        ("a: *nothing", "test.yaml:1: is not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2", "test.yaml:2: is not YAML: but found another document"),
        ("a: \u{1}", "test.yaml: is not YAML: control characters are not allowed"),
    ])
    func whatIsNoClusterFileAtAllIsSaidSo(text: String, message: String) {
        #expect(EADConfigurationTests.problems(text) == message)
    }

    @Test func aListOrATextInsteadOfAMappingIsNamed() {
        #expect(
            EADConfigurationTests.problems("- run").hasPrefix("test.yaml: must be a mapping (key: value), is a list"))
        let found = self.problems(replacing: "sampling: {max_tokens: 8}", by: "sampling: hot")
        #expect(found.contains("test.yaml:3: sampling: must be a mapping (key: value), is 'hot'"))
        let workers = self.problems(replacing: "[{name: w1}]", by: "w1")
        #expect(workers.contains("test.yaml:8: nodes.workers: must be a list, is 'w1'"))
    }

    @Test func anEmptyValueIsNotTakenForADefault() {
        let found = self.problems(replacing: "{max_tokens: 8}", by: "{max_tokens: 8, top_k: }")
        #expect(found == "test.yaml:3: sampling.top_k: must be an integer, at least 0, is empty")
    }

    @Test func aByteOrderMarkIsNoPartOfTheFirstKey() throws {
        let text = try ShippedFiles.text("quickstart.yaml")
        #expect(try reading("\u{FEFF}" + text).get() == reading(text).get())
        #expect(EADConfigurationTests.problems("\u{FEFF}") == EADConfigurationTests.problems(""))
    }

    /// Trees that are small as text and shared, and endless to whoever walks them.
    @Test(arguments: ["run: *a39", "? *a39\n: 1", "{*a39: 1}", "? [*a39, x]\n: 1", "- {? {*a39 : 1} : 2}"])
    func aliasesThatStandForTooMuchAreRefusedWhereverTheyAre(use: String) {
        let names = ["a0: &a0 [x, x]"] + (1..<40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let nested = (names + [use]).joined(separator: "\n")
        #expect(EADConfigurationTests.problems(nested).contains("aliases stand for over 8388608 bytes"))
        let renamed = (["a0: &a39 [x, x]"] + (1..<40).map { "a\($0): &a39 [*a39, *a39]" } + [use])
        #expect(
            EADConfigurationTests.problems(renamed.joined(separator: "\n"))
                == "test.yaml:3: the anchor &a39 is given again after its use")
    }

    /// An alias that is a key ends at its colon.
    @Test func aliasesThatNestAsKeysAndValuesAreCountedBothTimes() {
        let names = ["a0: &a0 [x, x]"] + (1..<40).map { "a\($0): &a\($0) {*a\($0 - 1): *a\($0 - 1)}" }
        let nested = (names + ["? *a39\n: 1"]).joined(separator: "\n")
        #expect(EADConfigurationTests.problems(nested).contains("aliases stand for over 8388608 bytes"))
    }

    @Test func signsInTextAndCommentsAreNoAliases() throws {
        let remarks = "# learner & worker, 2 * 3, R&D, *D, this & that, R&D\n# `&&` and `**`, && again\n"
        #expect(try reading(remarks + Self.small).get() == reading(Self.small).get())
    }

    @Test func aThousandWorkersMayShareTheirSettings() throws {
        let shared = "{name: w0, threads: &threads 2, lanes: &lanes 48}"
        let others = (1..<1000).map { "{name: w\($0), threads: *threads, lanes: *lanes}" }
        let text = Self.small.replacing("[{name: w1}]", with: "[" + ([shared] + others).joined(separator: ", ") + "]")
        #expect(try reading(text).get().nodes.count == 1002)
    }

    @Test func whatWouldCostStackOrMemoryIsRefused() {
        for text in [String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000) + "a"] {
            #expect(EADConfigurationTests.problems(text).hasPrefix("test.yaml:1: is not YAML: Maximum nesting level"))
        }
        let large = String(repeating: "# filler\n", count: 200_000)
        #expect(EADConfigurationTests.problems(large) == "test.yaml: is larger than 1048576 bytes")
        let laughs = (1...12).map {
            "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 10).joined(separator: ", ") + "]"
        }
        let bomb = EADConfigurationTests.problems((["a0: &a0 [ha]"] + laughs).joined(separator: "\n"))
        #expect(bomb == "test.yaml:7: the aliases stand for over 8388608 bytes; write the values out")
    }

    @Test func aMissingFileIsSaidSo() {
        #expect(throws: ConfigurationError.self) { try ClusterConfiguration.load(path: "/nowhere/cluster.yaml") }
    }

    // MARK: Combinations

    @Test(arguments: [
        (
            "learner: {endpoint: \"tcp://127.0.0.1:7002\"}", "learner: {endpoint: \"tcp://127.0.0.1:7001\"}",
            "test.yaml:7: nodes.learner.endpoint: must differ from that of the controller"
        ),
        (
            "learner: {", "learner: {bind: \"tcp://0.0.0.0:7002\", ",
            "test.yaml:7: nodes.learner.bind: must be a loopback address while security.mode is plaintext, is "
                + "tcp://0.0.0.0:7002; other hosts need security.mode: curve"
        ),
        (
            "learner: {", "learner: {name: control, ",
            "test.yaml:7: nodes.learner.name: must be unique, but 'control' is the name of ead-ctl"
        ),
        (
            "held_out: 8", "held_out: 0",
            "test.yaml:2: task.held_out: must be above 0 for the evaluations asked for in evaluation"
        ),
        (
            "sampling: {", "evaluation: {problems: 9}\nsampling: {",
            "test.yaml:3: evaluation.problems: must not exceed task.held_out, which is 8"
        ),
        (
            "sampling: {", "evaluation: {samples: 0, greedy: false}\nsampling: {",
            "test.yaml:3: evaluation.samples: must be above 0 where greedy is false: nothing would be evaluated"
        ),
        (
            "sampling: {", "sampling: {schedule: {kind: constant, temperature: 0}, ",
            "test.yaml:3: sampling.schedule.temperature: must be above 0 where steps are trained: greedy responses to one "
                + "prompt are all the same"
        ),
        (
            "sampling: {", "sampling: {schedule: {kind: constant, tau_max: 1}, ",
            "test.yaml:3: sampling.schedule.tau_max: is not a setting; known here: kind, temperature"
        ),
        (
            "sampling: {", "algorithm: {clip_low: 2, dual_clip: 0.5}\nsampling: {",
            "test.yaml:3: algorithm.clip_low: must be a number, 0 to 1, is '2'\n"
                + "test.yaml:3: algorithm.dual_clip: must be a number, 0 (no limit) or above 1, is '0.5'"
        ),
        (
            "sampling: {",
            "algorithm:\n  rejections:\n  - {measure: token-k2, low: 1, high: 2}\n  - {high: 2}\nsampling: {",
            "test.yaml:5: algorithm.rejections[0].low: must be 0: token-k2 has no lower bound\n"
                + "test.yaml:6: algorithm.rejections[1].measure: is missing"
        ),
        (
            "sampling: {", "algorithm: {preset: ppo, covariance_low: 9, overlong_buffer: 9}\nsampling: {",
            "test.yaml:3: algorithm.preset: must be one of grpo, dapo, clip-cov, kl-cov, dr-grpo, rloo, reinforce++, "
                + "gspo, raft++, reinforce-rej, is 'ppo'\n"
                + "test.yaml:3: algorithm.covariance_low: must be below covariance_high, but 9.0 is not below 5.0\n"
                + "test.yaml:3: algorithm.overlong_buffer: must not exceed sampling.max_tokens, which is 8"
        ),
        (
            "training: {prompts_per_step: 2",
            "algorithm: {group_filter: mixed, group_filter_rounds: 600}\ntraining: {prompts_per_step: 2000",
            "test.yaml:4: algorithm.group_filter_rounds: must not exceed 524 with prompts_per_step 2000: a step has at "
                + "most 1048576 groups"
        ),
        (
            "prompts_per_step: 2", "prompts_per_step: 2, mini_batches: 3",
            "test.yaml:4: training.mini_batches: must divide prompts_per_step, but 2 is no multiple of 3"
        ),
        (
            "sampling: {", "protocol: {stalled_after: 1s, backoff: {initial: 2s, maximum: 1s}}\nsampling: {",
            "test.yaml:3: protocol.stalled_after: must be above heartbeat_interval, which is 1s\n"
                + "test.yaml:3: protocol.backoff.maximum: must be at least backoff.initial, which is 2s"
        ),
        (
            "kind: add2", "kind: add2, path: x.jsonl",
            "test.yaml:2: task.path: must be absent: add2 makes its problems itself"
        ),
        (
            "kind: add2", "kind: jsonl, path: x.jsonl, template: none",
            "test.yaml:2: task.template: must contain {prompt} exactly once, not 0 times"
        ),
        ("[{name: w1}]", "[]", "test.yaml:8: nodes.workers: must name at least one worker"),
        (
            "[{name: w1}]", "[{name: w1}, {name: w1}]",
            "test.yaml:8: nodes.workers[1].name: must be unique, but 'w1' is the name of nodes.workers[0]"
        ),
        (
            "training: {", "training: {staleness_bound: 2, ",
            "test.yaml: algorithm.correction: must weigh by pi / mu where training.staleness_bound is above 0, for samples "
                + "are then of older policies (token-truncated is usual), is none"
        ),
        (
            "training: {", "algorithm: {correction: tempered-old}\ntraining: {staleness_bound: 1, ",
            "test.yaml:4: algorithm.correction: must weigh by pi / mu where training.staleness_bound is above 0, for samples "
                + "are then of older policies (token-truncated is usual), is tempered-old"
        ),
        ("training: {", "algorithm: {correction: token-truncated}\ntraining: {staleness_bound: 64, ", ""),
        (
            "training: {", "training: {weight_swap: keep, ",
            "test.yaml:4: training.weight_swap: must be pinned where training.staleness_bound is 0: no group is under way "
                + "when the next policy comes"
        ),
        (
            "training: {",
            "algorithm: {correction: token-truncated}\ntraining: {staleness_bound: 4, weight_swap: keep, ", ""
        ),
    ])
    func aCombinationThatCannotWorkIsReported(old: String, new: String, message: String) {
        #expect(self.problems(replacing: old, by: new) == message)
    }

    // MARK: Security

    private static let keys = [
        "I/PH&}RK}L?v(gKQiW!a/H0>9qcCa)/+^[L@(Kv&", "5jm=ZdsRarzl>q1}M$x5/C>l..:%y<tF)](.4m$!",
        "-PWX6]M7vsoVu72/W#0k]S2Pvr&1[1[0iL&*O/xE", "AGT#]1&Lbkk#tz(&e6KxsBpdQ4Q%<KW@Ka)(y.(l",
    ]

    private func curve(_ keys: [(String, String)]) -> String {
        Self.small.replacing("127.0.0.1", with: "10.0.0.1") + "\nsecurity:\n  mode: curve\n  public_keys:\n"
            + keys.map { "    \($0.0): \"\($0.1)\"\n" }.joined()
    }

    @Test func otherHostsNeedCurveAndAKeyForEveryNodeAndForControl() throws {
        let all = Array(zip(["controller", "learner", "w1", "control"], Self.keys))
        let configuration = try reading(self.curve(all)).get()
        #expect(configuration.publicKey(of: SecurityConfiguration.control) == Self.keys[3])
        let missing = EADConfigurationTests.problems(self.curve(Array(all.prefix(2))))
        #expect(
            missing == """
                test.yaml:11: security.public_keys.w1: is missing: `ead-ctl keygen` makes the keys
                test.yaml:11: security.public_keys.control: is missing: `ead-ctl keygen` makes the keys
                """)
    }

    @Test func keysOfStrangersSharedKeysAndDamagedKeysAreRefused() {
        var all = Array(zip(["controller", "learner", "w1", "control"], Self.keys))
        all.append(("worker-9", Self.keys[0]))
        all[3].1 = Self.keys[0]
        #expect(
            EADConfigurationTests.problems(self.curve(all)) == """
                test.yaml:12: security.public_keys.controller: must be unique, but it is the key of control
                test.yaml:16: security.public_keys.worker-9: is not a setting; known here: controller, learner, w1, control
                """)
        for damaged in [String(Self.keys[0].dropLast()), Self.keys[0] + "0", String(repeating: "#", count: 40), ""] {
            all = Array(zip(["controller", "learner", "w1", "control"], Self.keys))
            all[1].1 = damaged
            #expect(
                EADConfigurationTests.problems(self.curve(all)).hasPrefix(
                    "test.yaml:13: security.public_keys.learner: must be a public key, 40 characters in Z85"))
        }
    }
}
