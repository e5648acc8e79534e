import EADCore
import EADEngine
import EADSampling
import Testing

@testable import EADTransformer

/// Responses that go on with newer weights from a token on.
struct MixedVersionTests {
    private static let models = (0..<3).map { TestModel.random(seed: 5 + $0) }
    private static let requests = BitEqualityTests.requests(models[0], groups: 6, samples: 4, maxTokens: 24)

    private static func generator(
        _ precision: Precision, threads: Int = 1, lanes: Int, prefillRows: Int = 512, logitRows: Int = 64
    ) throws -> Generator {
        let generator = try Generator(
            shape: Self.models[0].shape,
            configuration: ComputeConfiguration(precision: precision, threads: threads, logitRows: logitRows),
            lanes: lanes, tokenBytes: { _ in [] })
        generator.prefillRows = prefillRows
        return generator
    }

    /// Samples the requests with version 0, and goes on with versions 1 and 2 after some tokens.
    private static func sampled(_ precision: Precision, lanes: Int = 9) throws -> [GeneratedGroup] {
        let generator = try Self.generator(precision, lanes: lanes)
        generator.install(try Self.models[0].weights(precision, version: 0))
        for request in Self.requests { try generator.submit(request) }
        var groups: [GeneratedGroup] = []
        for version in 1...2 {
            for _ in 0..<7 { groups += try generator.step() }
            generator.install(try Self.models[version].weights(precision, version: UInt64(version)))
        }
        while !generator.isIdle { groups += try generator.step() }
        return groups.sorted { $0.id < $1.id }
    }

    /// The same groups with the weights that their runs name.
    private static func sampledAgain(
        _ groups: [GeneratedGroup], _ precision: Precision, threads: Int = 1, lanes: Int = 16, prefillRows: Int = 512,
        logitRows: Int = 64
    ) throws -> [GeneratedGroup] {
        let generator = try Self.generator(
            precision, threads: threads, lanes: lanes, prefillRows: prefillRows, logitRows: logitRows)
        for (version, model) in Self.models.enumerated() {
            generator.install(
                try model.weights(precision, version: UInt64(version)),
                keeping: Set((0..<version).map { PolicyVersion(UInt64($0)) }))
        }
        for (request, group) in zip(Self.requests, groups) {
            var request = request
            for (index, sample) in group.samples.enumerated() { request.samples[index].runs = sample.runs }
            try generator.submit(request, with: group.version)
        }
        var again: [GeneratedGroup] = []
        while !generator.isIdle { again += try generator.step() }
        return again.sorted { $0.id < $1.id }
    }

    @Test(arguments: Precision.allCases)
    func whatWentOnWithNewerWeightsIsSampledAgainFromItsRunsToTheBit(precision: Precision) throws {
        let groups = try Self.sampled(precision)
        #expect(groups.map(\.id) == Self.requests.map(\.id))
        let samples = groups.flatMap(\.samples)
        #expect(samples.contains { $0.runs.runs.map(\.version.rawValue) == [0, 1, 2] })
        // Its prompt was computed before, and it started afterwards.
        #expect(
            groups.contains { group in
                group.samples.contains { $0.runs.runs.first.map { $0.version > group.version } ?? false }
            })
        #expect(samples.contains { $0.runs.isEmpty })
        for group in groups {
            for sample in group.samples {
                #expect(sample.runs.fault(tokens: sample.trace.count, group: group.version) == nil)
            }
        }
        for (threads, lanes, prefillRows, logitRows) in [(1, 1, 512, 64), (2, 7, 16, 5), (3, 40, 3, 1)] {
            let again = try Self.sampledAgain(
                groups, precision, threads: threads, lanes: lanes, prefillRows: prefillRows, logitRows: logitRows)
            #expect(again == groups, "threads \(threads), lanes \(lanes)")
        }
    }

    /// The record proves at which token the weights were others: one token earlier or later gives other bits.
    @Test(arguments: Precision.allCases, [-1, 1])
    func aRunThatIsShiftedByATokenIsNoticedThere(precision: Precision, shift: Int) throws {
        let groups = try Self.sampled(precision)
        var shifted = 0
        for (place, group) in groups.enumerated() {
            for (index, sample) in group.samples.enumerated() {
                let runs = sample.runs.runs
                guard runs.count > 1, runs[0].tokens + shift > 0, runs[1].tokens - shift > 0 else { continue }
                var changed = groups
                changed[place].samples[index].runs.runs[0].tokens += shift
                changed[place].samples[index].runs.runs[1].tokens -= shift
                guard shifted < 4 else { continue }
                shifted += 1
                let again = try Self.sampledAgain(changed, precision)[place].samples
                let boundary = runs[0].tokens + min(shift, 0)
                let (found, recorded) = (again[index].trace, sample.trace)
                #expect(found[0..<boundary] == recorded[0..<boundary])
                #expect(found[0..<boundary + 1] != recorded[0..<boundary + 1])
                for other in again.indices where other != index {
                    #expect(again[other] == group.samples[other])
                }
            }
        }
        #expect(shifted > 0)
    }

    /// The law of each token, computed another way: the keys and values of a token are those of the weights in force when
    /// the next was drawn.
    @Test func recordedLogProbsAreThoseOfTheMixedLaw() throws {
        let groups = try Self.sampled(.f32)
        for (request, group) in zip(Self.requests, groups) {
            for sample in group.samples where !sample.runs.isEmpty {
                let versions = (0..<sample.trace.count).map {
                    Int(sample.runs.version(at: $0, group: group.version).rawValue)
                }
                let logits = try Self.logits(
                    request.promptTokens, Int(group.version.rawValue), sample.trace.tokens, versions)
                for (position, token) in sample.trace.tokens.enumerated() {
                    let policy = AnnealedDistribution(
                        logits: logits[position], temperature: 1, configuration: request.sampling)
                    let law = AnnealedDistribution(
                        logits: logits[position], temperature: sample.trace[.temperature][position],
                        configuration: request.sampling)
                    #expect(abs(Double(sample.trace[.policyLogProb][position]) - policy.logProb(of: token)) < 1e-5)
                    #expect(abs(Double(sample.trace[.behaviourLogProb][position]) - law.logProb(of: token)) < 1e-5)
                }
            }
        }
    }

    /// The logits that each token of a response is drawn from.
    private static func logits(
        _ prompt: [TokenID], _ promptVersion: Int, _ response: [TokenID], _ versions: [Int]
    ) throws -> [[Float]] {
        let device = try Device()
        let compute = try Compute(device, threads: 1)
        let shape = Self.models[0].shape
        let forward = try ForwardPass(
            shape: shape, precision: .f32, compute: compute, rotary: try RotaryTable(shape, compute),
            progress: EngineProgress())
        let weights = try Self.models.map { try $0.weights(.f32, device: device).panels }
        let pages = KeyValuePages(shape: shape, precision: .f32, compute: compute)
        let table = PageTable(pages)
        try table.extend(to: prompt.count + response.count)
        let hidden = try DeviceBuffer(device, UInt32.self, count: forward.hiddenUnits)
        let logits = try DeviceBuffer(device, Float.self, count: shape.vocabulary)
        defer { withExtendedLifetime((table, hidden, logits)) {} }
        func feed(_ tokens: [TokenID], at position: Int, _ version: Int) throws {
            let segment = ForwardPass.Segment(row: 0, rows: tokens.count, position: position, pages: table)
            let stream = try forward.run(
                tokens: tokens, segments: [segment], positions: prompt.count + response.count,
                weights: weights[version], pages: pages)
            forward.normalise(
                stream + (tokens.count - 1) * shape.hidden, weights[version].finalNorm.values, into: hidden.units,
                rows: 1)
        }
        try feed(prompt, at: 0, promptVersion)
        return try response.indices.map { index in
            if index > 0 { try feed([response[index - 1]], at: prompt.count + index - 1, versions[index]) }
            weights[versions[index]].head.matrix.multiply(compute, hidden.units, rows: 1, into: logits.floats)
            var values = [Float](repeating: 0, count: shape.vocabulary)
            compute.download(logits.floats, into: &values)
            return values
        }
    }
}
