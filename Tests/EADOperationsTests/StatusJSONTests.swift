import EADCore
import EADMessages
import EADObservation
import Foundation
import Testing

@testable import EADOperations

struct StatusJSONTests {
    @Test func namesAndValuesAreThoseThatScriptsRead() throws {
        let status = Samples.status(
            members: [Samples.member()], steps: [Samples.step(1)], evaluations: [Samples.evaluation(1)],
            waitingFor: "a worker")
        let text = try StatusJSON(status).text()
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["phase"] as? String == "training" && object["healthy"] as? Bool == true)
        #expect(object["step"] as? Int == 2 && object["totalSteps"] as? Int == 40)
        #expect(object["waitingFor"] as? String == "a worker" && object["waitingMilliseconds"] as? Int == 4000)
        let member = try #require((object["members"] as? [[String: Any]])?.first)
        #expect(member["node"] as? String == "w1" && member["health"] as? String == "alive")
        #expect((member["leases"] as? [String])?.count == 1 && member["residentBytes"] as? Int == 3 << 20)
        let step = try #require((object["steps"] as? [[String: Any]])?.first)
        #expect(step["rootHash"] as? String == "abcd" && (step["metrics"] as? [String: Double])?["reward"] == 0.25)
        #expect((object["evaluations"] as? [[String: Any]])?.count == 1)
    }

    @Test(arguments: [
        (StatusReply.Phase.training, Health.alive, true), (.training, .stalled, false),
        (.training, .dead, false), (.forming, .absent, false), (.stopping, .dead, true), (.finished, .absent, true),
    ])
    func aRunIsHealthyWhileNobodyIsMissedThatItNeeds(
        phase: StatusReply.Phase, health: Health, isHealthy: Bool
    ) {
        #expect(Samples.status(phase: phase, members: [Samples.member("w", health)]).isHealthy == isHealthy)
    }

    @Test func theTableNamesWhoWaitsForWhom() {
        let status = Samples.status(
            members: [Samples.member("w1", waitingFor: "a lease"), Samples.member("w2", .absent)],
            steps: [Samples.step(1)], waitingFor: "worker w2")
        let lines = StatusTable(status).text.split(separator: "\n").map { String($0) }
        #expect(lines[0].hasSuffix("training, 2/40 steps trained, 3 of 8 groups"))
        #expect(lines[1] == "waits for worker w2 since 4 s")
        #expect(lines[2].hasPrefix("policy 2: reward 0.250"))
        let row = lines.first { $0.hasPrefix("w1") } ?? ""
        #expect(row.contains("123") && row.contains("3 MiB") && row.hasSuffix("a lease, 1 min 1 s"))
        let absent = lines.first { $0.hasPrefix("w2") } ?? ""
        #expect(absent.contains("absent") && absent.hasSuffix("-"))
    }
}
