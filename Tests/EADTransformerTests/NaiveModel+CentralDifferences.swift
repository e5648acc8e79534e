import EADModels
import EADSampling
import Foundation
import Testing

@testable import EADTransformer

extension NaiveModel {
    /// Compares a trainer's gradients with central differences of `objective` along one random direction per tensor.
    ///
    /// Every entry goes up or down by the same width, so that a single wrong one shows.
    func expectGradients(of trainer: Trainer, equalDifferencesOf objective: (NaiveModel) -> Double) {
        var naive = self
        var random = PhiloxGenerator(seed: 7)
        let gradients = trainer.gradients
        for entry in trainer.layout.entries {
            let signs = entry.range.map { _ in Bool.random(using: &random) ? 1.0 : -1.0 }
            let width = 1e-4 / Double(entry.count).squareRoot()
            let values = [1, -1].map { side in
                for (index, sign) in zip(entry.range, signs) {
                    naive.parameters[index] = self.parameters[index] + side * sign * width
                }
                return objective(naive)
            }
            naive.parameters.replaceSubrange(entry.range, with: self.parameters[entry.range])
            let numeric = (values[0] - values[1]) / (2 * width)
            var norm = 0.0
            var exact = 0.0
            for (gradient, sign) in zip(gradients[entry.range], signs) {
                norm += Double(gradient) * Double(gradient)
                exact += Double(gradient) * sign
            }
            // Round-off of the differences beside gradients that are zero.
            let error = abs(exact - numeric) / max(norm.squareRoot(), 1e-5 * Double(entry.count).squareRoot())
            #expect(error < 1e-4, "\(entry.name): \(error)")
        }
    }
}
