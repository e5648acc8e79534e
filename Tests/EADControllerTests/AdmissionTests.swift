import EADController
import EADCore
import EADMessages
import EADTelemetry
import EADTestKit
import Testing

@Suite struct AdmissionTests {
    typealias Bench = ControllerHarness

    @Test func anEpochIsDurableBeforeTheWelcomeThatCarriesIt() throws {
        var bench = Bench()
        let effects = bench.hello(Bench.a)
        let persisted = try #require(
            effects.firstIndex { if case .persist(let snapshot) = $0 { snapshot.lastEpoch == Epoch(1) } else { false } }
        )
        let welcomed = try #require(
            effects.firstIndex {
                $0 == .send(.welcome(Welcome(run: Bench.run, epoch: Epoch(1))), to: "worker-a", inReplyTo: 1)
            }
        )
        #expect(persisted < welcomed)
        #expect(effects.events() == [.joined(Bench.a, Epoch(1))])
    }

    @Test func theSameProcessAskingAgainGetsTheSameEpoch() {
        var bench = Bench()
        bench.hello(Bench.a)
        let again = bench.hello(Bench.a)
        #expect(again.first == .send(.welcome(Welcome(run: Bench.run, epoch: Epoch(1))), to: "worker-a", inReplyTo: 2))
        #expect(again.events().isEmpty)
    }

    @Test func aReplacedProcessIsFencedWhateverItSends() {
        var bench = Bench()
        bench.hello(Bench.a, nonce: 1)
        bench.hello(Bench.a, nonce: 2)
        let old = bench.send(.goodbye(Goodbye(reason: "")), from: Bench.a, epoch: Epoch(1))
        #expect(old.refusals() == [.fenced])
        #expect(bench.hello(Bench.a, nonce: 1).refusals() == [.fenced])
        #expect(bench.beat(Bench.a).refusals() == [])
        #expect(bench.status.counters[\.processesFenced] == 1)
    }

    @Test func strangersAndNodesOfAnotherFileOrRunAreRefusedWithTheReason() {
        var bench = Bench()
        #expect(bench.hello(NodeID("stranger")).refusals() == [.unknownNode])
        #expect(bench.hello(Bench.a, role: .learner).refusals() == [.unknownNode])
        #expect(bench.hello(Bench.a, hash: [2]).refusals() == [.configuration])
        #expect(bench.beat(Bench.a).refusals() == [.notMember])
        let other = RunID(bytes: [UInt8](repeating: 8, count: 16))
        #expect(bench.send(.goodbye(Goodbye(reason: "")), from: Bench.a, run: other).refusals() == [.otherRun])
        #expect(bench.send(.welcome(Welcome(run: Bench.run, epoch: Epoch(1))), from: Bench.a).refusals() == [.invalid])
        #expect(bench.status.counters[\.messagesRefused] == 6)
    }

    @Test func aNodeWithAnotherClusterFileHearsOfEverySettingThatDiffers() {
        var bench = Bench()
        func reason(_ settings: String) -> String? {
            bench.hello(Bench.a, hash: [2], settings: settings).lazy.compactMap { effect in
                if case .send(.refusal(let refusal), _, _) = effect { refusal.reason } else { nil }
            }.first
        }
        #expect(
            reason("run.seed 2\nrun.steps 4\ntask.kind add2")
                == "worker-a was started with another cluster file: run.seed is 1 here and 2 there; task.kind is not set here "
                + "and add2 there; copy the controller's file to that host")
        // Of another build, or of somebody who says nothing useful.
        let many = (0..<90).map { "a\($0) \(String(repeating: "x", count: 5000))" }.joined(separator: "\n")
        let answer = reason(many) ?? ""
        #expect(answer.contains("and 72 more") && answer.count < 4000)
        #expect(reason("run.seed 1\nrun.steps 4")?.contains("cluster file; copy") == true)
    }

    @Test func whatIsLocalByPathIsEqualByContents() throws {
        func vocabulary(_ value: UInt8) -> SharedContent {
            SharedContent(name: "vocabulary", hash: [UInt8](repeating: value, count: 32))
        }
        var bench = Bench()
        #expect(bench.hello(Bench.learner, role: .learner, contents: [vocabulary(1)]).refusals().isEmpty)
        #expect(bench.hello(Bench.a, contents: [vocabulary(2)]).refusals() == [.configuration])
        let same = bench.hello(Bench.a, nonce: 2, contents: [vocabulary(1)])
        #expect(same.refusals().isEmpty)
        // Later lives of the controller remember it.
        #expect(bench.state.snapshot.contents["vocabulary"] == vocabulary(1).hash.hexadecimal)
        bench.state = Bench(snapshot: bench.state.snapshot).state
        #expect(bench.hello(Bench.b, contents: [vocabulary(2)]).refusals() == [.configuration])
    }

    @Test func aDeadMemberIsForgottenAndSaysHelloAgain() {
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        bench.pass(6, beating: [Bench.learner: []])
        #expect(bench.effects.events().contains { if case .died(Bench.a, _, _) = $0 { true } else { false } })
        #expect(bench.beat(Bench.a).refusals() == [.notMember])
        #expect(bench.hello(Bench.a).events() == [.joined(Bench.a, Epoch(3))])
    }

    @Test func onlyTheNameOfEadCtlSteersARun() {
        var bench = Bench()
        bench.hello(Bench.a)
        #expect(
            bench.send(.controlRequest(ControlRequest(verb: .stop, runName: "bench")), from: Bench.a).refusals().count
                == 1)
        #expect(bench.status.phase == .forming)
    }

    /// Two clusters on one port: whoever means the other one is told so, and changes nothing.
    @Test func aRequestThatMeansAnotherRunIsRefusedWithBothNames() {
        let other = RunID(bytes: [UInt8](repeating: 8, count: 16))
        for verb in ControlRequest.Verb.allCases {
            var bench = Bench()
            bench.learnerJoins()
            let before = bench.status.phase
            for refused in [bench.control(verb, of: "other", request: 1), bench.control(verb, request: 1, run: other)] {
                #expect(refused.refusals() == [.otherRun] && refused.count == 1)
                guard case .send(.refusal(let refusal), _, _) = refused.first else { continue }
                #expect(refusal.reason.contains("this is run “bench” (\(Bench.run))"))
                #expect(refusal.reason.contains("other") || refusal.reason.contains("\(other?.description ?? "")"))
            }
            #expect(bench.status.phase == before && !bench.state.snapshot.paused)
            #expect(bench.control(verb, request: 1, run: Bench.run).refusals().isEmpty)
        }
    }

    @Test func nothingAMemberOfAnotherRunSaysIsTaken() {
        let other = RunID(bytes: [UInt8](repeating: 8, count: 16))
        var bench = Bench()
        bench.learnerJoins()
        bench.hello(Bench.a)
        let lease = LeaseID(group: GroupID(step: GlobalStep(0), slot: 0), attempt: 1)
        let messages: [Message] = [
            .leaseAccept(LeaseAccept(lease: lease)), .leaseReturn(LeaseReturn(lease: lease, outcome: .failed)),
            .groupsAccepted(GroupsAccepted(step: GlobalStep(0), slots: [0, 1, 2])),
            .stepReport(Bench.report(0)), .goodbye(Goodbye(reason: "")),
        ]
        for message in messages {
            for node in [Bench.learner, Bench.a] {
                let effects = bench.send(message, from: node, run: other)
                #expect(effects.refusals() == [.otherRun] && effects.count == 1)
            }
        }
        #expect(bench.status.groupsAccepted == 0 && bench.status.step == GlobalStep(0))
    }

    @Test func aRestartedControllerGoesOnCountingEpochs() {
        var snapshot = RunSnapshot(run: Bench.run, configurationHash: "01")
        snapshot.lastEpoch = Epoch(41)
        var bench = Bench(snapshot: snapshot)
        #expect(bench.beat(Bench.a).refusals() == [.notMember])
        #expect(bench.hello(Bench.a).events() == [.joined(Bench.a, Epoch(42))])
    }
}
