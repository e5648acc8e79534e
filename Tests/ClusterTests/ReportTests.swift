import EADFiles
import EADTestKit
import Foundation
import Testing

extension ClusterTests {
    /// The page about a run, from what real processes left on disk.
    @Suite struct ReportTests {
        @Test func aRunsDirectoryBecomesAPage() async throws {
            var settings = ProcessClusterFile(oneWorker: true)
            settings.steps = 2
            settings.task = ["kind: jsonl", "path: problems.jsonl", "held_out: 4"]
            settings.evaluation = ["before: true", "after: true", "samples: 2"]
            try await ProcessCluster.with(settings) { cluster in
                let nodes = try ["controller", "learner", "worker-1"].map {
                    try cluster.start($0, arguments: ["--set", "log.rollouts={every: 1, problems: 2}"])
                }
                try await cluster.waitForSuccess(nodes)
                let page = cluster.directory.appending(path: "report.html")
                let figures = cluster.directory.appending(path: "figures")
                func report(_ directories: String...) async throws -> ProcessClusterOutput {
                    try await cluster.control(
                        ["report"] + directories + ["--output", page.path, "--figures", figures.path])
                }

                let written = try await report(cluster.run.path)
                #expect(written.status == 0, "\(written.text)")
                let html = try String(contentsOf: page, encoding: .utf8)
                for part in [
                    "Figure 5. Reward", "Mean response length", "pass@2", "step 0: ", "step 2: ", "Training rollouts",
                    "step 1, problem ",
                ] {
                    #expect(html.contains(part), "\(part)")
                }
                let files = try FileManager.default.contentsOfDirectory(atPath: figures.path)
                #expect(Set(files).isSuperset(of: ["01-schedule.svg", "02-held-out.svg", "05-reward.svg"]), "\(files)")

                // A last line being written is no part of the log yet.
                let log = URL(filePath: cluster.layout.log)
                let whole = try Data(contentsOf: log)
                try (whole + Data("{\"kind\":\"st".utf8)).write(to: log)
                #expect(try await report(cluster.run.path).status == 0)
                #expect(try String(contentsOf: page, encoding: .utf8) == html)

                let twice = try await report(cluster.run.path, cluster.run.path + "/")
                #expect(twice.status == 64 && twice.text.contains("is named twice"))
                let elsewhere = try await report(cluster.directory.path)
                #expect(
                    elsewhere.status == 64 && elsewhere.text.contains("is not a run directory: it has no run.jsonl"))

                try (Data("{\"kind\":\"step\"}\n".utf8) + whole).write(to: log)
                let damaged = try await report(cluster.run.path)
                #expect(
                    damaged.status == 0 && damaged.text.contains("run.jsonl:1: damaged, and left out"),
                    "\(damaged.text)")
                try Data("nonsense\n".utf8).write(to: log)
                let foreign = try await report(cluster.run.path)
                #expect(foreign.status == 65 && foreign.text.contains("run.jsonl:1: not a record"), "\(foreign.text)")
                try whole.write(to: log)
                try cluster.write("nonsense\n", to: "\(cluster.run.lastPathComponent)/evaluations/step-000000.jsonl")
                let broken = try await report(cluster.run.path)
                #expect(broken.status == 65 && broken.text.contains("step-000000.jsonl:1: "), "\(broken.text)")
            }
        }
    }
}
