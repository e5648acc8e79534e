import EADCore
import EADSampling
import EADTestKit
import Testing

@testable import EADEngine

/// Lanes, queue and prompts as values, without kernels.
struct GenerationSchedulerTests {
    static func request(_ slot: UInt32, prompt: Int = 3, samples: Int, maxTokens: Int = 4) -> GenerationRequest {
        GenerationRequest(
            id: GroupID(step: GlobalStep(0), slot: slot), promptTokens: Array(repeating: 9, count: prompt),
            samples: (0..<samples).map {
                SampleSpecification(
                    key: SampleKey(
                        seed: 1, purpose: .training, step: GlobalStep(0), problem: slot, sample: UInt32($0)))
            },
            sampling: SamplingConfiguration(schedule: .constant(1), maxTokens: maxTokens), step: GlobalStep(0),
            stopTokens: [0])
    }

    /// One step without an engine; `end` says which samples end with this token.
    static func step(
        _ scheduler: inout GenerationScheduler, rows: Int = 8, end: (ScheduledSample) -> Bool = { _ in false }
    ) -> (prompts: [GenerationScheduler.Prompt], complete: [GeneratedGroup], released: GenerationScheduler.Released) {
        var prompts: [GenerationScheduler.Prompt] = []
        while true {
            _ = scheduler.start()
            let admitted = scheduler.admit(rows: rows)
            if admitted.isEmpty { break }
            prompts += admitted
        }
        _ = scheduler.arrange()
        let ending = scheduler.active.map(end)
        let (complete, released) = scheduler.record(tokenBytes: { _ in [] }) { row, trace in
            trace.append(ending[row] ? 0 : 5) { _ in 0 }
        }
        return (prompts, complete, released)
    }

    @Test func everyRequestIsAnsweredOnceWithItsSamplesInOrder() {
        for seed in 0..<200 {
            var random = SplitMix64(seed: seed)
            let lanes = Int.random(in: 1...5, using: &random)
            var scheduler = GenerationScheduler(lanes: lanes)
            var expected: [GroupID: Int] = [:]
            var cancelled: Set<GroupID> = []
            var answered: [GroupID: [GeneratedSample]] = [:]
            var held: Set<UInt64> = []
            var slot: UInt32 = 0
            for _ in 0..<60 {
                if slot < 12, random.chance(0.4) {
                    let samples = Int.random(in: 1...7, using: &random)
                    let request = Self.request(slot, prompt: Int.random(in: 1...20, using: &random), samples: samples)
                    scheduler.submit(request, with: PolicyVersion(1))
                    expected[request.id] = samples
                    slot += 1
                }
                if random.chance(0.05), let id = expected.keys.sorted().randomElement(using: &random) {
                    let released = scheduler.cancel(id)
                    if answered[id] == nil { cancelled.insert(id) }
                    for number in released.samples + released.prompts { held.remove(number) }
                }
                let ends = random.next()
                let (prompts, complete, released) = Self.step(&scheduler) { ends >> ($0.number % 60) & 3 == 0 }
                held.formUnion(prompts.map(\.number))
                held.formUnion(scheduler.active.map(\.number))
                #expect(scheduler.active.count <= lanes)
                #expect(Set(released.samples).isDisjoint(with: scheduler.active.map(\.number)))
                for number in released.samples + released.prompts { held.remove(number) }
                for group in complete { #expect(answered.updateValue(group.samples, forKey: group.id) == nil) }
            }
            while !scheduler.isIdle {
                let (_, complete, released) = Self.step(&scheduler)
                for number in released.samples + released.prompts { held.remove(number) }
                for group in complete { #expect(answered.updateValue(group.samples, forKey: group.id) == nil) }
            }
            #expect(Set(answered.keys).union(cancelled) == Set(expected.keys), "seed \(seed)")
            for (id, samples) in answered { #expect(samples.count == expected[id], "seed \(seed)") }
            #expect(scheduler.active.isEmpty)
        }
    }

    @Test func aFreeLaneIsRefilledAtOnce() {
        var scheduler = GenerationScheduler(lanes: 2)
        scheduler.submit(Self.request(0, samples: 3), with: PolicyVersion(1))
        _ = Self.step(&scheduler) { $0.index == 0 }
        #expect(scheduler.active.map(\.index) == [1])
        _ = Self.step(&scheduler)
        #expect(scheduler.active.map(\.index) == [1, 2])
    }

    @Test func samplesWithATokenToFeedComeFirst() {
        var scheduler = GenerationScheduler(lanes: 3)
        scheduler.submit(Self.request(0, samples: 2), with: PolicyVersion(1))
        _ = Self.step(&scheduler)
        scheduler.submit(Self.request(1, samples: 1), with: PolicyVersion(1))
        _ = scheduler.admit(rows: 8)
        _ = scheduler.start()
        #expect(
            scheduler.arrange()
                == [GenerationScheduler.Cohort(version: PolicyVersion(1), continuing: 0..<2, fresh: 2..<3)])
        #expect(scheduler.active.map(\.group.slot) == [0, 0, 1])
    }

    @Test func samplesOfAPolicyAreTogetherAndGroupsKeepTheirs() {
        var scheduler = GenerationScheduler(lanes: 6)
        scheduler.submit(Self.request(0, samples: 2), with: PolicyVersion(1))
        _ = Self.step(&scheduler)
        scheduler.submit(Self.request(1, samples: 1), with: PolicyVersion(2))
        _ = Self.step(&scheduler)
        scheduler.submit(Self.request(2, samples: 1), with: PolicyVersion(1))
        scheduler.submit(Self.request(3, samples: 2), with: PolicyVersion(2))
        #expect(scheduler.versions == [PolicyVersion(1), PolicyVersion(2)])
        while true {
            _ = scheduler.start()
            if scheduler.admit(rows: 100).isEmpty { break }
        }
        #expect(
            scheduler.arrange() == [
                GenerationScheduler.Cohort(version: PolicyVersion(1), continuing: 0..<2, fresh: 2..<3),
                GenerationScheduler.Cohort(version: PolicyVersion(2), continuing: 3..<4, fresh: 4..<6),
            ])
        #expect(scheduler.active.map(\.group.slot) == [0, 0, 2, 1, 3, 3])
        var versions: [UInt32: PolicyVersion] = [:]
        while !scheduler.isIdle {
            for group in Self.step(&scheduler).complete { versions[group.id.slot] = group.version }
        }
        #expect(versions.mapValues(\.rawValue) == [0: 1, 1: 2, 2: 1, 3: 2])
        #expect(scheduler.versions.isEmpty)
    }

    @Test func whatIsUnderWayGoesOnWithTheNextPolicyWhereItsOwnIsNotKept() throws {
        var scheduler = GenerationScheduler(lanes: 3)
        scheduler.submit(Self.request(0, samples: 2), with: PolicyVersion(1))
        scheduler.submit(Self.request(1, samples: 1), with: PolicyVersion(2))
        _ = Self.step(&scheduler)
        // The first waits for a lane with its prompt computed, the second in the queue.
        scheduler.submit(Self.request(2, samples: 1), with: PolicyVersion(1))
        scheduler.submit(Self.request(3, samples: 1), with: PolicyVersion(1))
        scheduler.goOn(with: PolicyVersion(3), keeping: [PolicyVersion(2)])
        #expect(scheduler.versions == [PolicyVersion(2), PolicyVersion(3)])
        var groups: [UInt32: GeneratedGroup] = [:]
        while !scheduler.isIdle {
            for group in Self.step(&scheduler).complete { groups[group.id.slot] = group }
        }
        let runs = groups.mapValues { $0.samples.map { $0.runs.runs.map { [Int($0.version.rawValue), $0.tokens] } } }
        #expect(groups.mapValues(\.version.rawValue) == [0: 1, 1: 2, 2: 3, 3: 3])
        #expect(runs == [0: [[[1, 1], [3, 3]], [[1, 1], [3, 3]]], 1: [[]], 2: [[]], 3: [[]]])
    }

    @Test func aSampleOfAComputedPromptMayStartAfterTheSwap() throws {
        var scheduler = GenerationScheduler(lanes: 1)
        scheduler.submit(Self.request(0, samples: 2), with: PolicyVersion(1))
        _ = Self.step(&scheduler)
        scheduler.goOn(with: PolicyVersion(2), keeping: [])
        var groups: [GeneratedGroup] = []
        while !scheduler.isIdle { groups += Self.step(&scheduler).complete }
        #expect(groups.map(\.version.rawValue) == [1])
        #expect(groups[0].samples.map { $0.runs.runs.map(\.version.rawValue) } == [[1, 2], [2]])
    }

    @Test func promptsAreAdmittedForFreeLanesAndTheRowsOfAPass() {
        var scheduler = GenerationScheduler(lanes: 4)
        for slot in 0..<4 as Range<UInt32> {
            scheduler.submit(Self.request(slot, prompt: 3, samples: 1), with: PolicyVersion(1))
        }
        #expect(scheduler.admit(rows: 7).count == 2)
        scheduler = GenerationScheduler(lanes: 4)
        for slot in 0..<4 as Range<UInt32> {
            scheduler.submit(Self.request(slot, prompt: 3, samples: 3), with: PolicyVersion(1))
        }
        #expect(scheduler.admit(rows: 100).count == 2)
        scheduler = GenerationScheduler(lanes: 4)
        scheduler.submit(Self.request(0, prompt: 50, samples: 1), with: PolicyVersion(1))
        #expect(scheduler.admit(rows: 7).count == 1)
    }

    @Test func passesCoverEveryPositionOnceAndInOrder() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<200 {
            let lengths = (0..<Int.random(in: 1...5, using: &random)).map { _ in Int.random(in: 1...30, using: &random)
            }
            let rows = Int.random(in: 1...16, using: &random)
            var next = lengths.map { _ in 0 }
            for pass in PromptChunk.passes(promptLengths: lengths, rows: rows) {
                var row = 0
                for chunk in pass {
                    #expect(chunk.row == row && chunk.range.lowerBound == next[chunk.prompt])
                    row += chunk.range.count
                    next[chunk.prompt] = chunk.range.upperBound
                }
                #expect(row >= 1 && row <= rows)
            }
            #expect(next == lengths)
        }
    }
}
