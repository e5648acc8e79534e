import EADCore
import EADTestKit
import Testing

@Suite struct VersionRunsTests {
    private static func runs(_ runs: (UInt64, Int)...) -> VersionRuns {
        VersionRuns(runs.map { VersionRuns.Run(PolicyVersion($0.0), tokens: $0.1) })
    }

    @Test func theRunsOfAResponseSayWhichVersionDrewEachOfItsTokens() {
        for versions in [[3], [3, 3, 3], [3, 4, 4], [4], [4, 4, 6], [3, 5, 6, 6], [3, 3, 7]] as [[UInt64]] {
            var runs = VersionRuns()
            for (index, version) in versions.enumerated() {
                runs.append(PolicyVersion(version), after: index, group: PolicyVersion(3))
            }
            #expect(runs.isEmpty == versions.allSatisfy { $0 == 3 })
            #expect(versions.indices.map { runs.version(at: $0, group: PolicyVersion(3)).rawValue } == versions)
            #expect(runs.version(at: 9, group: PolicyVersion(3)).rawValue == versions.last)
            #expect(runs.fault(tokens: versions.count, group: PolicyVersion(3)) == nil)
        }
    }

    @Test func runsThatCannotBeAreFound() {
        func fault(_ runs: VersionRuns, tokens: Int = 5) -> VersionRuns.Fault? {
            runs.fault(tokens: tokens, group: PolicyVersion(3))
        }
        #expect(fault(Self.runs((3, 2), (4, 3))) == nil && fault(Self.runs((4, 5))) == nil)
        #expect(fault(Self.runs((3, 2), (4, 2))) == .length(tokens: 5))
        #expect(fault(Self.runs((3, 2), (4, 4))) == .length(tokens: 5))
        #expect(fault(Self.runs((3, .max), (4, .max))) == .length(tokens: 5))
        #expect(fault(Self.runs((3, 5), (4, 0))) == .isEmpty(run: 1))
        #expect(fault(Self.runs((3, 6), (4, -1))) == .isEmpty(run: 1))
        #expect(fault(Self.runs((2, 2), (4, 3))) == .disorder(run: 0))
        #expect(fault(Self.runs((3, 2), (3, 3))) == .disorder(run: 1))
        #expect(fault(Self.runs((5, 2), (4, 3))) == .disorder(run: 1))
        #expect(fault(Self.runs((3, 5))) == .needless)
    }

    private static func group(_ tokens: [TokenID], _ runs: VersionRuns = VersionRuns()) -> RolloutGroup {
        RolloutGroup(
            id: GroupID(step: GlobalStep(6), slot: 0), attempt: 1, policyVersion: PolicyVersion(3), problem: 0,
            promptTokens: [1],
            rollouts: [
                Rollout(
                    trace: .filled(tokens), finish: .length, verdict: Verdict(reward: 1, strictReward: 1), runs: runs)
            ])
    }

    @Test func attemptsContradictEachOtherWhereTheSameVersionsDrewOthers() {
        let alone = Self.group([7, 8, 9])
        #expect(!alone.contradicts(alone))
        for tokens in [[7, 8, 1], [7, 8], [7, 8, 9, 1]] as [[TokenID]] {
            #expect(alone.contradicts(Self.group(tokens)) && Self.group(tokens).contradicts(alone))
        }
        // Another version went on from the third token, and may have drawn anything.
        for tokens in [[7, 8, 1], [7, 8, 9, 1]] as [[TokenID]] {
            let mixed = Self.group(tokens, Self.runs((3, 2), (4, tokens.count - 2)))
            #expect(!alone.contradicts(mixed) && !mixed.contradicts(alone) && !mixed.contradicts(mixed))
        }
        // Before it did, both are the same response.
        let other = Self.group([7, 1, 9], Self.runs((3, 2), (4, 1)))
        #expect(alone.contradicts(other) && other.contradicts(alone))
        // The one had ended before the other went on.
        let longer = Self.group([7, 8, 9, 1], Self.runs((3, 3), (4, 1)))
        #expect(alone.contradicts(longer) && longer.contradicts(alone))
        var later = alone
        later.policyVersion = PolicyVersion(4)
        later.rollouts[0].trace = .filled([1])
        #expect(!alone.contradicts(later))
    }

    @Test func aGroupKnowsItsNewestVersion() {
        #expect(Self.group([7]).newestVersion == PolicyVersion(3) && !Self.group([7]).isMixed)
        let mixed = Self.group([7, 8], Self.runs((3, 1), (5, 1)))
        #expect(mixed.newestVersion == PolicyVersion(5) && mixed.isMixed)
        #expect(mixed.runs(of: 0) == Self.runs((3, 1), (5, 1)).runs)
        #expect(Self.group([7, 8]).runs(of: 0) == Self.runs((3, 2)).runs)
    }
}
