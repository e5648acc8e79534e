import EADCore
import EADTestKit
import Foundation
import Testing

@testable import EADTransformer

/// The engine's distance from transformers in f32, beside that of torch's own bf16 on the same inputs
/// (scripts/reference/torch_accuracy.py).
@Suite(.enabled(if: TestModel.real != nil, Comment(rawValue: CachedAssets.advice)), .serialized)
struct AccuracyTests {
    struct Golden: Decodable {
        struct Arm: Decodable {
            struct Logits: Decodable {
                var largest: Double
                var mean: Double
            }
            struct Gradients: Decodable {
                var norm: Double
                var entries: Double
            }
            var logits: Logits
            var gradients: Gradients
            var losses: [Double]
        }
        var sequences: [[TokenID]]
        var optimizer: GoldenGradientsTests.Curve.Optimizer
        var arms: [String: Arm]
    }

    static func golden() throws -> (golden: Golden, f32: Golden.Arm, autocast: Golden.Arm, bf16: Golden.Arm) {
        let golden = try GoldenGradientsTests.fixture("accuracy", as: Golden.self)
        return (
            golden, try #require(golden.arms["f32"]), try #require(golden.arms["autocast"]),
            try #require(golden.arms["bf16"])
        )
    }

    /// One line per figure, for scripts/reference/accuracy_figure.py.
    static func report(_ precision: Precision, _ name: String, _ values: [Double]) {
        print("accuracy \(precision) \(name) \(values.map { "\($0)" }.joined(separator: " "))")
    }

    @Test func logitsInBF16AreNoFurtherFromF32ThanTorchs() throws {
        let (_, f32, autocast, bf16) = try Self.golden()
        for precision in Precision.allCases {
            let (largest, mean) = try GoldenLogitsTests.error(precision)
            Self.report(precision, "logits", [Double(largest), Double(mean)])
            switch precision {
            case .f32: #expect(largest < 2e-3 && mean < 5 * Float(f32.logits.mean))
            case .bf16: #expect(mean < Float(min(autocast.logits.mean, bf16.logits.mean)))
            }
        }
    }

    @Test func gradientsInBF16AreNoFurtherFromF32ThanTorchs() throws {
        let (_, _, autocast, bf16) = try Self.golden()
        for precision in Precision.allCases {
            let error = try GoldenGradientsTests.error(precision)
            Self.report(precision, "gradients", [error.norm, error.entries])
            switch precision {
            case .f32: #expect(error.norm < 1e-3 && error.largest < 1e-3)
            case .bf16: #expect(error.entries < min(autocast.gradients.entries, bf16.gradients.entries))
            }
        }
    }

    /// The losses of twenty steps, and their largest distance from torch's in f32.
    static func curve(_ precision: Precision) throws -> Double {
        let (golden, f32, _, _) = try Self.golden()
        let losses = try GoldenGradientsTests.curve(
            precision, golden.sequences, optimizer: golden.optimizer, steps: 20
        ).losses
        Self.report(precision, "losses", losses)
        #expect(losses.count == f32.losses.count)
        return Self.distance(losses, f32.losses)
    }

    static func distance(_ losses: [Double], _ reference: [Double]) -> Double {
        zip(losses, reference).map { abs($0 - $1) }.max() ?? .infinity
    }

    /// In stairs around the curve, as with autocast: a step of 1e-5 is below the spacing of most weights' bf16 neighbours.
    @Test func twentyStepsOfAdamWInBF16StayAsNearToF32AsAutocast() throws {
        let (_, f32, autocast, bf16) = try Self.golden()
        let distance = try Self.curve(.bf16)
        #expect(distance < 1.5 * Self.distance(autocast.losses, f32.losses))
        #expect(distance < 0.5 * Self.distance(bf16.losses, f32.losses))
    }

    /// `GoldenGradientsTests` follows a shorter curve, computed in float64.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["EAD_ACCURACY"] != nil,
            "EAD_ACCURACY computes all figures of docs/numerics.md"))
    func twentyStepsOfAdamWInF32AreTorchs() throws { #expect(try Self.curve(.f32) < 1e-4) }
}
