import EADHTTP
import EADObservation
import EADTelemetry
import Foundation
import Testing

/// What Prometheus scrapes, and what is made of it in cluster/observability.
struct MetricsTests {
    private static let text = StatusMetrics(ObserverTests.status).text
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../cluster/observability").standardized.path

    /// Debian's prometheus has it.
    private static let promtool = ["/usr/bin/promtool", "/opt/prom/usr/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let names = Set(
        text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { String($0.split(separator: " ")[2]) })

    @Test func figuresOfAllAreThereByTheirNames() {
        let lines = Self.text.split(separator: "\n").map { String($0) }
        for line in [
            "ead_run_info{run=\"000102030405060708090a0b0c0d0e0f\",name=\"a \\\"run\\\"\\n\"} 1",
            "ead_run_phase{phase=\"training\"} 1", "ead_run_phase{phase=\"paused\"} 0", "ead_run_healthy 0",
            "ead_node_up{role=\"worker\",node=\"w0\"} 1", "ead_node_up{role=\"worker\",node=\"w2\"} 0",
            "ead_node_wait_seconds{role=\"worker\",node=\"w1\"} 1.5", "ead_step_reward 0.5",
            "ead_step_temperature_at{position=\"4\"} 0.5", "ead_evaluation_pass_at_ratio{k=\"8\"} 0.25",
            "ead_groups_stale_total{role=\"worker\",node=\"w0\"} 3",
            "ead_deaths_processes_total{role=\"controller\",node=\"controller\"} 1",
            "ead_step_generation_tokens_per_second 0.5", "ead_step_step_seconds 0.5",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        // Whoever is not there has no figures, which would stay what they were for ever.
        #expect(!lines.contains { $0.contains("node=\"w3\"") && !$0.hasPrefix("ead_node_up") })
        #expect(Set(lines).count == lines.count)
    }

    @Test func namesOfTheCatalogueDiffer() {
        let metrics =
            MetricCatalogue.metrics(in: .step, numbers: []) + MetricCatalogue.metrics(in: .evaluation, numbers: [])
        let counters = MetricCatalogue.all.filter { $0.group.scope == .process }
        let names = (metrics + counters).map(\.prometheusName)
        #expect(Set(names).count == names.count)
        #expect(counters.allSatisfy { $0.prometheusName.hasSuffix("_total") == $0.isCounter })
    }

    @Test(arguments: ["grafana.json", "rules.yml", "rules_test.yml"])
    func whatIsAskedForIsExposed(file: String) throws {
        let text = try String(contentsOfFile: Self.directory + "/" + file, encoding: .utf8)
        let asked = Set(text.matches(of: /\bead_[a-z_]+/).map { String($0.output) })
        #expect(asked.count > 4)
        for name in asked { #expect(Self.names.contains(name), "\(name)") }
        if file == "grafana.json" { _ = try JSONSerialization.jsonObject(with: Data(text.utf8)) }
    }

    @Test(.enabled("Debian's package prometheus is not installed") { promtool != nil })
    func promtoolFindsNothingWrong() throws {
        #expect(try Self.run("check", "metrics", input: Self.text) == "")
        for arguments in [
            ["check", "config", "prometheus.yml"], ["check", "rules", "rules.yml"],
            ["test", "rules", "rules_test.yml"],
        ] {
            let output = try Self.run(arguments, input: "")
            #expect(output.contains("SUCCESS") && !output.contains("FAIL"), "\(output)")
        }
    }

    private static func run(_ arguments: String..., input: String) throws -> String {
        try self.run(arguments, input: input)
    }

    private static func run(_ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try #require(self.promtool))
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: self.directory)
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        return process.terminationStatus == 0 ? text : "FAIL \(process.terminationStatus): \(text)"
    }
}
