import EADCore
import EADFiles
import EADHTTP
import EADMessages
import EADObservation
import EADTelemetry
import Foundation
import Testing

@testable import EADDashboard

struct ObserverTests {
    /// A run with every figure of the catalogue, and a node of each health.
    static var status: StatusReply {
        var values = MetricValues()
        for metric in MetricCatalogue.metrics(in: .step, numbers: [0, 4]) { values[metric.key] = 0.5 }
        var scores = MetricValues()
        for metric in MetricCatalogue.metrics(in: .evaluation, numbers: [1, 8]) { scores[metric.key] = 0.25 }
        let beat = Heartbeat(
            activity: .generating, isWaiting: true, waitingFor: "a <b>lease</b>", waitingMilliseconds: 1500,
            progress: 1,
            tokens: 900, tokensPerSecond: 10, policyVersion: PolicyVersion(2), credit: 1, leases: [],
            residentBytes: 1 << 20, draining: false, counters: [MetricCatalogue.shared.groupsStale.key: 3])
        let members = [Health.alive, .stalled, .dead, .absent].enumerated().map { index, health in
            MemberStatus(
                node: NodeID("w\(index)"), role: .worker, health: health, process: "h:1", epoch: Epoch(1),
                silentMilliseconds: 100, heartbeat: beat)
        }
        return StatusReply(
            run: RunID(bytes: 0..<16)!, name: "a \"run\"\n", phase: .training, step: GlobalStep(1), totalSteps: 4,
            waitingFor: "", waitingMilliseconds: 0, groupsAccepted: 1, groupsPerStep: 2, elapsedMilliseconds: 1000,
            members: members,
            steps: [StepReport(step: GlobalStep(0), version: PolicyVersion(1), rootHash: [1], metrics: values)],
            evaluations: [EvaluationReport(version: PolicyVersion(0), problems: 3, samples: 8, values: scores)],
            counters: [MetricCatalogue.shared.memberDeaths.key: 1], troubles: ["w2 is dead"])
    }

    private func observer(token: String? = nil, directory: String = "/nowhere/run") -> Observer {
        Observer(token: token, directory: directory) { _ in Self.status }
    }

    private func text(_ response: HTTPResponse) -> String {
        if case .whole(let bytes) = response.body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    private static let local = ["host": "127.0.0.1:8265"]

    private func get(_ target: String, _ observer: Observer, _ headers: [String: String] = local) async -> HTTPResponse
    {
        await observer.answer(HTTPRequest(target: target, headers: headers))
    }

    @Test func everyPageForbidsWhatItDoesNotNeed() async {
        let page = await self.get("/", self.observer())
        let policy = page.headers.first { $0.name == "Content-Security-Policy" }?.value ?? ""
        #expect(
            page.status == 200 && policy.hasPrefix("default-src 'none'; script-src 'self'")
                && !policy.contains("unsafe"))
        // No address of another host, and nothing that a policy would have to allow in line.
        for text in [ClusterPage.html, ClusterPage.login, ClusterPage.script, ClusterPage.style] {
            #expect(!text.contains("http://") || text.contains("http://www.w3.org/2000/svg"))
            #expect(!text.contains("https://") && !text.contains(" style=") && !text.contains("innerHTML"))
        }
        let sizes = [ClusterPage.html, ClusterPage.script, ClusterPage.style].map(\.utf8.count).reduce(0, +)
        #expect(sizes < 100_000)
    }

    @Test func theStatusIsThatOfTheCommand() async throws {
        let answer = await self.get("/api/status", self.observer())
        #expect(answer.contentType == "application/json")
        #expect(try self.text(answer) == StatusJSON(Self.status).text())
        let events = await self.get("/api/events", self.observer())
        guard case .events(let stream) = events.body else { return #expect(Bool(false), "no events") }
        for await event in stream {
            let status = try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any]
            #expect(status?["step"] as? Int == 1 && !event.contains("\n"))
            break
        }
    }

    @Test func whoSaysNoTokenSeesTheLoginOnly() async {
        let observer = self.observer(token: "0123456789abcdef")
        #expect(await self.get("/metrics", observer).status == 401)
        let login = await self.get("/", observer)
        #expect(login.status == 401 && self.text(login).contains("type=\"password\""))
        #expect(await self.get("/metrics", observer, ["authorization": "Bearer 0123456789abcdef"]).status == 200)
        func post(_ token: String) async -> HTTPResponse {
            await observer.answer(HTTPRequest(method: "POST", target: "/login", body: Array("token=\(token)".utf8)))
        }
        #expect(await post("wrong").status == 401)
        let welcome = await post("0123456789abcdef")
        #expect(welcome.status == 303)
        #expect(welcome.headers.contains { $0.name == "Set-Cookie" && $0.value.contains("HttpOnly; SameSite=Strict") })
    }

    @Test func nothingIsChangedAndNothingElseIsServed() async {
        let observer = self.observer()
        #expect(await self.get("/", observer, ["host": "evil.example"]).status == 421)
        #expect(await observer.answer(HTTPRequest(method: "DELETE", target: "/", headers: Self.local)).status == 405)
        #expect(await self.get("/etc/passwd", observer).status == 404)
        #expect(await self.get("/report", observer).status == 400)
    }

    @Test func onlyRunsBesideThisOneCanBeNamed() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "observer-\(UInt64.random(in: 0 ... .max))"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileTree.createDirectory(directory + "/runs/<b>one", access: .owner)
        try FileTree.createDirectory(directory + "/secret", access: .owner)
        for run in ["runs/<b>one", "secret"] {
            try Data("nonsense\n".utf8).write(to: URL(filePath: directory + "/\(run)/run.jsonl"))
        }
        let observer = self.observer(directory: directory + "/runs/<b>one")
        let list = await self.text(self.get("/runs", observer))
        #expect(list.contains("&lt;b&gt;one") && !list.contains("<b>") && list.contains("cannot be read"))
        for name in ["../secret", "..", ".", "secret", "%2e%2e%2fsecret"] {
            let answer = await self.get("/report?run=\(name)", observer)
            #expect(answer.status == 500 && self.text(answer).contains("there is no run"), "\(name)")
        }
    }
}
