import EADCore
import EADProtocol
import Testing

@Suite struct StalenessGateTests {
    @Test func synchronousTrainingUsesExactlyTheVersionOfTheStep() {
        let gate = StalenessGate(bound: 0)
        for version in UInt64(0)..<5 {
            for step in UInt64(0)..<5 {
                #expect(gate.mayUse(PolicyVersion(version), in: GlobalStep(step)) == (version == step))
                #expect((gate.lastStep(at: PolicyVersion(version)) == GlobalStep(step)) == (version == step))
            }
        }
    }

    @Test(arguments: UInt64(0)...4) func noVersionIsOlderThanTheBoundNorFromTheFuture(bound: UInt64) {
        let gate = StalenessGate(bound: bound)
        for version in UInt64(0)..<8 {
            for step in UInt64(0)..<8 {
                let expected = version <= step && step - version <= bound
                #expect(gate.mayUse(PolicyVersion(version), in: GlobalStep(step)) == expected)
            }
            let step = GlobalStep(version)
            #expect(gate.oldestVersion(in: step) == PolicyVersion(version - min(version, bound)))
            #expect(gate.lastStep(at: PolicyVersion(version)) == GlobalStep(version + bound))
            #expect(gate.mayUse(PolicyVersion(version), in: gate.lastStep(at: PolicyVersion(version))))
        }
    }
}
