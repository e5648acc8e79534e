import EADCore
import EADProtocol
import EADTestKit
import Testing

@Suite struct MembershipTests {
    let nodes: [NodeID: Role] = [NodeID("learner"): .learner, NodeID("w1"): .worker, NodeID("w2"): .worker]
    let now = ContinuousClock.now

    private func nonce(_ value: Int) -> [UInt8] { Array(repeating: UInt8(value), count: 16) }

    @Test func theSameProcessAskingAgainGetsTheSameEpoch() {
        var membership = Membership(nodes: self.nodes)
        let first = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        let again = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(first == .welcome(epoch: Epoch(1), fenced: nil))
        #expect(again == first)
        #expect(membership.lastEpoch == Epoch(1))
    }

    @Test func anotherProcessOfTheSameNameFencesTheFirstForGood() {
        var membership = Membership(nodes: self.nodes)
        _ = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        let second = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(2), now: self.now)
        #expect(second == .welcome(epoch: Epoch(2), fenced: Epoch(1)))
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(1)) == .fenced)
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(2)) == .current)
        let zombie = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(zombie == .refused(.fenced))
    }

    @Test func strangersAndWrongRolesAreRefused() {
        var membership = Membership(nodes: self.nodes)
        let stranger = membership.hello(node: NodeID("w9"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(stranger == .refused(.unknownNode))
        let wrong = membership.hello(node: NodeID("w1"), role: .learner, nonce: self.nonce(1), now: self.now)
        #expect(wrong == .refused(.wrongRole(expected: .worker)))
        #expect(membership.lastEpoch == Epoch(0) && membership.members.isEmpty)
    }

    @Test func aNodeGivenUpForDeadThatComesBackIsAskedForAHelloAndNotStopped() {
        var membership = Membership(nodes: self.nodes)
        _ = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(membership.leave(NodeID("w1")) == Epoch(1))
        #expect(membership.leave(NodeID("w1")) == nil)
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(1)) == .unknown)
        let back = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(back == .welcome(epoch: Epoch(2), fenced: nil))
        // A heartbeat of before, still under way, must not make the living process stop.
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(1)) == .unknown)
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(2)) == .current)
    }

    @Test func epochsGoOnAfterARestartOfTheController() {
        var membership = Membership(nodes: self.nodes, lastEpoch: Epoch(41))
        #expect(membership.check(node: NodeID("w1"), epoch: Epoch(41)) == .unknown)
        let admission = membership.hello(node: NodeID("w1"), role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(admission == .welcome(epoch: Epoch(42), fenced: nil))
    }

    @Test func aMembersWordsUnderAnEpochFromBeforeARestartOfTheControllerDoNotFenceIt() {
        let node = NodeID("w1")
        var membership = Membership(nodes: self.nodes, lastEpoch: Epoch(5))
        _ = membership.hello(node: node, role: .worker, nonce: self.nonce(1), now: self.now)
        #expect(membership.check(node: node, epoch: Epoch(5)) == .unknown)
        #expect(membership.check(node: node, epoch: Epoch(6)) == .current)
        _ = membership.hello(node: node, role: .worker, nonce: self.nonce(2), now: self.now)
        #expect(membership.check(node: node, epoch: Epoch(6)) == .fenced)
    }

    /// Who was replaced before a restart of the controller stays replaced, whoever speaks first after it.
    @Test(arguments: 0..<100) func aRestartedControllerKnowsTheNewestProcessOfANameByItsEpoch(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let node = NodeID("w1")
        var membership = Membership(nodes: self.nodes, lastEpoch: Epoch(20))
        // Processes 2 to 4 replaced one another; perhaps the last one while the controller was away.
        var epochs = [UInt64](repeating: 0, count: 5)
        for process in 2...4 { epochs[process] = epochs[process - 1] + UInt64.random(in: 1...4, using: &random) }
        if Bool.random(using: &random) { epochs[4] = 0 }
        for process in [2, 3, 4].shuffled(using: &random) + [2, 3, 4].shuffled(using: &random) {
            _ = membership.hello(
                node: node, role: .worker, nonce: self.nonce(process), epoch: Epoch(epochs[process]), now: self.now)
        }
        let answers = (2...4).map { process in
            membership.hello(
                node: node, role: .worker, nonce: self.nonce(process), epoch: Epoch(epochs[process]), now: self.now)
        }
        #expect(answers[0] == .refused(.fenced) && answers[1] == .refused(.fenced))
        #expect(answers[2] == .welcome(epoch: membership.lastEpoch, fenced: nil))
    }

    @Test func membersAreListedByRoleWithTheirEpochs() {
        var membership = Membership(nodes: self.nodes)
        for (name, role) in [("w2", Role.worker), ("learner", .learner), ("w1", .worker)] {
            _ = membership.hello(node: NodeID(name), role: role, nonce: self.nonce(1), now: self.now)
        }
        #expect(membership.members(.worker) == [NodeID("w1"), NodeID("w2")])
        #expect(membership.epoch(of: NodeID("learner")) == Epoch(2))
        membership.leave(NodeID("w2"))
        #expect(membership.members == [NodeID("learner"), NodeID("w1")])
    }

    /// Random hellos, departures, messages and controller restarts: the invariants of fencing.
    @Test(arguments: 0..<100) func whateverHappensEpochsGrowAndOneLifeSpeaksForANode(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var membership = Membership(nodes: self.nodes)
        var given: [Epoch: (node: NodeID, nonce: Int)] = [:]
        var largest = Epoch(0)
        for _ in 0..<200 {
            let node = NodeID(["w1", "w2"].randomElement(using: &random)!)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let nonce = Int.random(in: 0..<5, using: &random)
                let answer = membership.hello(node: node, role: .worker, nonce: self.nonce(nonce), now: self.now)
                guard case .welcome(let epoch, let fenced) = answer else { break }
                if let earlier = given[epoch] {
                    #expect(earlier.node == node && earlier.nonce == nonce)
                } else {
                    #expect(epoch > largest)
                    given[epoch] = (node, nonce)
                    largest = epoch
                }
                if let fenced { #expect(membership.check(node: node, epoch: fenced) == .fenced) }
            case 6, 7:
                membership.leave(node)
            case 8:
                membership = Membership(nodes: self.nodes, lastEpoch: membership.lastEpoch)
            default:
                break
            }
            #expect(membership.lastEpoch == largest)
            for name in ["w1", "w2"].map({ NodeID($0) }) {
                let current = given.keys.filter { membership.check(node: name, epoch: $0) == .current }
                #expect(current.count <= 1)
                #expect(current.allSatisfy { given[$0]?.node == name && membership.epoch(of: name) == $0 })
            }
        }
    }
}
