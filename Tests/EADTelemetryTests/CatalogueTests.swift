import EADCore
import EADTelemetry
import EADTestKit
import Foundation
import Testing

@Suite struct CatalogueTests {
    @Test func namesAreUniqueWithinARecord() {
        for scope in MetricGroup.Scope.allCases {
            let keys = MetricCatalogue.all.filter { $0.group.scope == scope }.map(\.key)
            #expect(Set(keys).count == keys.count, "\(scope)")
        }
    }

    @Test func everyNameIsOneOfTheRunLog() {
        for metric in MetricCatalogue.all {
            let isPlain = metric.key.name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
            #expect(isPlain, "\(metric.key)")
            #expect(metric.meaning.count > 0 && !metric.meaning.hasSuffix("."), "\(metric.key)")
            #expect(!metric.meaning.contains("|"), "\(metric.key) would break its table")
        }
    }

    @Test func countersOfProcessesOnlyGrow() {
        for metric in MetricCatalogue.all where metric.group.scope == .process {
            #expect(metric.isCounter, "\(metric.key)")
        }
    }

    @Test func anIndexedFigureIsFoundByItsNumber() throws {
        let metric = try #require(MetricCatalogue.metric("pass_at_8", in: .evaluation))
        #expect(metric.key == "pass_at_8" && metric.title == "pass@8" && metric.lowKey == "pass_at_8_low")
        #expect(MetricCatalogue.metric("pass_at_k", in: .step)?.group == .rewards)
        #expect(MetricCatalogue.metric("pass_at_x", in: .evaluation) == nil)
        #expect(MetricCatalogue.metric("pass_at_8", in: .step) == nil)
        let values: MetricValues = ["pass_at_8": 1, "pass_at_2": 0, "pass_at_8_low": 0, "pass_at_k": 0]
        #expect(values.numbers(of: \.passAt) == [2, 8] && values[\.passAt, 8] == 1)
    }

    /// A run log of an older or a newer build.
    @Test func namesThatNobodyKnowsAreKept() throws {
        let line = Data(#"{"kind":"step","step":3,"time":0,"values":{"loss":1,"loss_of_hair":2.5}}"#.utf8)
        let record = try JSONDecoder().decode(RunRecord.self, from: line)
        #expect(record.values == ["loss": 1, "loss_of_hair": 2.5] && record.values[\.loss] == 1)
        #expect(MetricCatalogue.metric("loss_of_hair", in: .step) == nil)
        let written = try JSONEncoder().encode(record)
        #expect(try JSONDecoder().decode(RunRecord.self, from: written) == record)
    }

    @Test func countersOfTwoSourcesAreAddedUp() {
        var counters: MetricCounters = ["groups_stale": 2, "refused": 0]
        counters[\.groupsStale] += 1
        #expect(counters + ["groups_stale": 1, "deaths": 4] == ["groups_stale": 4, "deaths": 4])
        #expect(counters[\.chunksDamaged] == 0 && counters.count == 1)
    }
}
