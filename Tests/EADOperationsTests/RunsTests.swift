import EADConfiguration
import EADCore
import EADFiles
import EADMessages
import EADObservation
import EADReport
import EADTelemetry
import EADTestKit
import Foundation
import Testing

@testable import EADOperations

/// What can be seen of runs from their directories alone.
struct RunsTests {
    /// A run's directory as a controller leaves it.
    private func makeRun(
        _ path: String, seed: Int = 5, rewards: [Double], weights: String = "ab", isFinished: Bool = true
    )
        throws
    {
        let layout = RunLayout(path)
        try FileTree.createDirectory(path, access: .owner)
        let yaml = """
            run: {name: small, steps: 3, seed: \(seed), directory: \(path)}
            model: {path: /m.gguf}
            task: {kind: add2, held_out: 6}
            sampling: {max_tokens: 8}
            evaluation: {samples: 4}
            training: {prompts_per_step: 2, samples_per_prompt: 2, learning_rate: 1.0e-6}
            nodes:
              controller: {endpoint: "tcp://127.0.0.1:7001"}
              learner: {endpoint: "tcp://127.0.0.1:7002"}
              workers: [{name: w1}]
            """
        let configuration = try ClusterConfiguration.parse(yaml, file: "c.yaml", places: Places(file: path + "/c.yaml"))
        try Data(configuration.resolvedYAML().utf8).write(
            to: URL(filePath: layout.resolvedConfiguration(of: configuration.controller.name)))
        var log = try RunLog(path: layout.log)
        func append(_ kind: RunRecord.Kind, _ step: Int, _ values: MetricValues, _ notes: [String: String]) throws {
            try log.append(
                RunRecord(
                    kind: kind, time: 1_700_000_000 + Double(step) * 60, step: GlobalStep(UInt64(step)), values: values,
                    notes: notes))
        }
        try append(.event, 0, [:], ["event": "started", "run": String(repeating: "0", count: 32)])
        try append(.evaluation, 0, Samples.evaluation(0, mean: 0.1).values, [:])
        for (step, reward) in rewards.enumerated() {
            try append(
                .step, step, Samples.step(UInt64(step), reward: reward).metrics, ["root_hash": weights + "\(reward)"])
        }
        try append(.evaluation, rewards.count, Samples.evaluation(3, mean: 0.7).values, [:])
        if isFinished { try append(.event, rewards.count, [:], ["event": "finished"]) }
    }

    @Test func aReportHasTheRolloutsOfTheNewestStepThatLeftSome() throws {
        try withTemporaryDirectory { directory in
            try self.makeRun(directory + "/one", rewards: [0.1, 0.2, 0.5])
            #expect(try ReportedRun(directory: directory + "/one").rollouts.isEmpty)
            let layout = RunLayout(directory + "/one")
            try FileTree.createDirectory(layout.rollouts, access: .owner)
            for step in [0, 10] as [UInt64] {
                let id = GroupID(purpose: .training, step: GlobalStep(step), slot: 0)
                let trace = TokenTrace(tokens: [65, 66], columns: [.temperature: [1.5, 0.25]])
                let rollout = Rollout(
                    trace: trace, finish: .length, verdict: Verdict(reward: 1, strictReward: 1, prediction: "B"))
                let group = RolloutGroup(
                    id: id, attempt: 1, policyVersion: PolicyVersion(step), problem: 7, promptTokens: [],
                    rollouts: [rollout])
                let record = RolloutRecord(group, sample: 0, prompt: "Q") { [UInt8($0)] }
                try RolloutRecord.lines([record]).write(to: URL(filePath: layout.rollouts(of: GlobalStep(step))))
            }
            let rollouts = try ReportedRun(directory: directory + "/one").rollouts
            #expect(rollouts.count == 1 && rollouts[0].step == 10 && rollouts[0].problem == 7)
            #expect(
                rollouts[0].tokens.map(\.text) == ["A", "B"] && rollouts[0].tokens.map(\.temperature) == [1.5, 0.25])
            try Data("{}\n".utf8).write(to: URL(filePath: layout.rollouts(of: GlobalStep(10))))
            let fault = #expect(throws: FileError.self) { try ReportedRun(directory: directory + "/one") }
            #expect(fault?.description.contains("step-000010.jsonl:1: not a rollout") == true)
        }
    }

    @Test func runsAreListedWithTheirStatesAndTheBrokenOneWithTheReason() throws {
        try withTemporaryDirectory { directory in
            try self.makeRun(directory + "/one", rewards: [0.1, 0.2, 0.5])
            try self.makeRun(directory + "/two", rewards: [0.1], isFinished: false)
            try FileTree.createDirectory(directory + "/broken", access: .owner)
            try Data("nonsense\n".utf8).write(to: URL(filePath: directory + "/broken/run.jsonl"))
            try FileTree.createDirectory(directory + "/other", access: .owner)
            let list = try RunList(in: directory)
            let lines = list.text(width: nil).split(separator: "\n").map { String($0) }
            #expect(!list.isWhole && lines.count == 4, "\(lines)")
            // The newest record first.
            #expect(lines[1].hasPrefix(directory + "/one") && lines[1].contains("finished    3/3"))
            #expect(lines[1].contains("0.500") && lines[1].contains("10.0 to 70.0 %"))
            #expect(lines[2].contains("unfinished  1/3"))
            #expect(lines[3].hasPrefix(directory + "/broken: "))
            #expect(list.text(width: 60).components(separatedBy: "\n").prefix(3).allSatisfy { $0.count <= 60 })
            let json = try JSONSerialization.jsonObject(with: Data(list.json().utf8)) as? [String: Any]
            #expect((json?["runs"] as? [[String: Any]])?.map { $0["state"] as? String } == ["finished", "unfinished"])
            #expect((json?["unreadable"] as? [Any])?.count == 1)
        }
    }

    @Test func aRunIsRunningWhileSomebodyHoldsItsControllersLock() throws {
        try withTemporaryDirectory { directory in
            try self.makeRun(directory, rewards: [0.1], isFinished: false)
            let path = RunLayout(directory).lock(of: NodeID("controller"))
            do {
                let lock = try LockFile(path)
                #expect(try RunFiles(directory).isRunning)
                withExtendedLifetime(lock) {}
            }
            #expect(try !RunFiles(directory).isRunning)
        }
    }

    @Test func aRunIsShownWithItsEndsAndItsLastSteps() throws {
        try withTemporaryDirectory { directory in
            try self.makeRun(directory, rewards: (0..<40).map { Double($0) / 100 })
            let page = try RunPage(directory)
            let text = page.text(width: nil)
            #expect(
                text.hasPrefix("run small (00000000000000000000000000000000): finished\n40/3 steps trained in 40.0 min")
            )
            #expect(text.contains("policy 0") && text.contains("policy 40") && text.contains("pass@4"))
            #expect(text.contains("\n40    0.390") && text.contains("\n31    0.300") && !text.contains("\n30    "))
            for width in [40, 60, 80] {
                let wide = page.text(width: width).split(separator: "\n").filter { $0.count > width }
                #expect(wide.allSatisfy { $0.contains(" %") || $0.contains("policy") }, "\(wide)")
            }
            let json = try JSONSerialization.jsonObject(with: Data(page.json().utf8)) as? [String: Any]
            #expect((json?["steps"] as? [Any])?.count == 40)
            #expect((json?["settings"] as? [String: String])?["run.seed"] == "5")
        }
    }

    @Test func equalRunsAreTheSameToTheByte() throws {
        try withTemporaryDirectory { directory in
            let (one, two) = (directory + "/one", directory + "/two")
            try self.makeRun(one, rewards: [0.1, 0.2])
            try self.makeRun(two, rewards: [0.1, 0.2, 0.3])
            let comparison = try RunComparison(one, two)
            #expect(comparison.isEqual)
            #expect(comparison.text(width: nil).contains("the weights are the same bytes after each of 2 steps"))
        }
    }

    @Test func runsThatDifferSayInWhatAndFromWhereOn() throws {
        try withTemporaryDirectory { directory in
            let (one, two) = (directory + "/one", directory + "/two")
            try self.makeRun(one, rewards: [0.1, 0.2])
            try self.makeRun(two, seed: 6, rewards: [0.1, 0.4])
            let comparison = try RunComparison(one, two)
            let text = comparison.text(width: nil)
            #expect(!comparison.isEqual && text.contains("run.seed*  ") && text.contains("* results depend on it"))
            #expect(text.contains("the weights are the same bytes through step 1 of 2"))
            #expect(text.contains("reward  ") && text.contains("  0.200"))
            let json = try JSONSerialization.jsonObject(with: Data(comparison.json().utf8)) as? [String: Any]
            #expect(json?["equalSteps"] as? Int == 1 && json?["commonSteps"] as? Int == 2)
        }
    }

    @Test func logsOfAllRolesAreOneInTheOrderOfTime() throws {
        try withTemporaryDirectory { directory in
            func write(_ name: String, _ text: String) throws {
                try Data(text.utf8).write(to: URL(filePath: directory + "/" + name))
            }
            try write("a.log.1", "2026-01-01T00:00:00.000Z info a: first\n")
            try write(
                "a.log",
                "2026-01-01T00:00:02.000Z info a: third\nFatal error: more of it\n{\"level\":\"info\",\"message\":\"f")
            try write(
                "b.log",
                "{\"level\":\"warning\",\"message\":\"second\",\"node\":\"b\",\"time\":\"2026-01-01T00:00:01.000Z\"}\n")
            var logs = try RunLogs(directory, RunLogs.Terms(roles: nil, isJSON: false))
            #expect(
                try logs.next() == [
                    "2026-01-01T00:00:00.000Z info a: first", "2026-01-01T00:00:01.000Z warning b: second",
                    "2026-01-01T00:00:02.000Z info a: third",
                    "2026-01-01T00:00:02.000Z notice a: Fatal error: more of it",
                ])
            #expect(try logs.next().isEmpty)
            // The torn line is completed, and the log put aside.
            let handle = try FileHandle(forWritingTo: URL(filePath: directory + "/a.log"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("ourth\",\"node\":\"a\",\"time\":\"2026-01-01T00:00:03.000Z\"}\n".utf8))
            try handle.close()
            try FileTree.rename(directory + "/a.log", to: directory + "/a.log.1")
            try write("a.log", "2026-01-01T00:00:04.000Z info a: fifth\n")
            #expect(
                try logs.next() == [
                    "2026-01-01T00:00:03.000Z info a: fourth", "2026-01-01T00:00:04.000Z info a: fifth",
                ])
            var other = try RunLogs(directory, RunLogs.Terms(roles: ["b"], isJSON: true))
            #expect(
                try other.next() == [
                    "{\"level\":\"warning\",\"message\":\"second\",\"node\":\"b\",\"time\":\"2026-01-01T00:00:01.000Z\"}"
                ])
            #expect(throws: RoleFailure.self) { try RunLogs(directory, RunLogs.Terms(roles: ["c"], isJSON: false)) }
        }
    }
}
