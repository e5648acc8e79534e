import EADSampling
import Foundation
import Testing

@testable import EADEngine

extension NaiveModel {
    /// Compares a trainer's gradients with central differences of `objective`, at a few entries of every tensor.
    func expectGradients(of trainer: Trainer, equalDifferencesOf objective: (NaiveModel) -> Double) {
        var naive = self
        var random = PhiloxGenerator(seed: 7)
        for entry in trainer.layout.entries {
            let values = trainer.gradients[entry.range]
            let scale = (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)).squareRoot()
            for _ in 0..<2 {
                let at = Int.random(in: entry.range, using: &random)
                let width = 1e-5
                let value = naive.parameters[at]
                naive.parameters[at] = value + width
                let above = objective(naive)
                naive.parameters[at] = value - width
                let below = objective(naive)
                naive.parameters[at] = value
                let numeric = (above - below) / (2 * width)
                let error = abs(Double(trainer.gradients[at]) - numeric) / max(abs(numeric), scale, 1e-6)
                #expect(error < 1e-3, "\(entry.name)[\(at - entry.offset)]")
            }
        }
    }
}
