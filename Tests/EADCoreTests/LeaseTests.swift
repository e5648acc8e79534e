import EADCore
import Testing

@Suite struct LeaseTests {
    private func lease(_ purpose: Purpose = .training, step: UInt64, oldest: UInt64) -> Lease {
        Lease(
            group: GroupID(purpose: purpose, step: GlobalStep(step), slot: 0), attempt: 1,
            oldestVersion: PolicyVersion(oldest), problem: Problem(index: 0, prompt: "p", answer: "a"), samples: 1,
            seed: 1, duration: .seconds(1))
    }

    private func allowed(_ lease: Lease) -> [UInt64] { (0..<9).filter { lease.allows(PolicyVersion($0)) } }

    @Test func aLeaseAllowsTheVersionsFromItsOldestToTheOneItsStepUpdates() {
        #expect(self.allowed(self.lease(step: 5, oldest: 3)) == [3, 4, 5])
        #expect(self.allowed(self.lease(step: 1, oldest: 0)) == [0, 1])
    }

    @Test func aLeaseOfSynchronousTrainingAllowsTheVersionOfItsStepAlone() {
        #expect(self.allowed(self.lease(step: 5, oldest: 5)) == [5])
    }

    @Test func anEvaluationAllowsTheVersionEvaluatedAlone() {
        #expect(self.allowed(self.lease(.evaluation, step: 4, oldest: 4)) == [4])
    }

    @Test func twoLeasesAreOfOneWindowWhenTheLastStepAllowsTheVersionOfTheFirst() {
        func steps(openWith lease: Lease, bound: UInt64) -> [UInt64] {
            (0..<12).filter { lease.canBeOpen(with: self.lease(step: $0, oldest: $0 - min($0, bound))) }
        }
        #expect(steps(openWith: self.lease(step: 5, oldest: 5), bound: 0) == [5])
        #expect(steps(openWith: self.lease(step: 5, oldest: 3), bound: 2) == [3, 4, 5, 6, 7])
        #expect(steps(openWith: self.lease(step: 1, oldest: 0), bound: 2) == [0, 1, 2, 3])
    }

    @Test func aStepStartsFromOneVersionAndMakesTheNext() {
        #expect(GlobalStep(7).startVersion == PolicyVersion(7) && GlobalStep(7).endVersion == PolicyVersion(8))
        #expect(GlobalStep(7).endVersion.nextStep == GlobalStep(8))
    }
}
