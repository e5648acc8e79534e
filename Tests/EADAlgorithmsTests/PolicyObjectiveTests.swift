import EADAlgorithms
import Testing

struct PolicyObjectiveTests {
    private let golden: GoldenObjective

    init() throws { self.golden = try GoldenObjective.load() }

    @Test func lossGradientAndMetricsEqualTheReference() {
        #expect(self.golden.cases.count == 43)
        for golden in self.golden.cases {
            let output = PolicyObjective(golden.configuration).evaluate(
                self.golden.tokens(), totals: BatchTotals(golden.totals))
            // Settings such as 0.28 are 32-bit here and 64-bit there.
            #expect(abs(output.loss - golden.loss) < 1e-7, "\(golden.configuration)")
            #expect(output.gradient.count == golden.gradient.count)
            for (found, wanted) in zip(output.gradient, golden.gradient) {
                #expect(abs(Double(found) - wanted) < 1e-7, "\(golden.configuration)")
            }
            let metrics = output.metrics
            for (found, name) in [
                (metrics.ratioMean, "ratioMean"), (metrics.ratioMax, "ratioMax"),
                (metrics.approximateKL, "approximateKL"),
                (metrics.approximateKLLowVariance, "approximateKLLowVariance"),
                (metrics.importanceMean, "importanceMean"), (metrics.importanceMax, "importanceMax"),
                (metrics.weightMean, "weightMean"), (metrics.effectiveSampleShare, "effectiveSampleShare"),
                (metrics.rejectedFraction, "rejectedFraction"),
            ] {
                #expect(abs(found - (golden.metrics[name] ?? .nan)) < 1e-6, "\(name) \(golden.configuration)")
            }
        }
    }

    @Test func theOldPolicyIsTheProximalOneWhereThatIsGiven() {
        for golden in self.golden.cases {
            let objective = PolicyObjective(golden.configuration)
            let expected = objective.evaluate(self.golden.tokens(), totals: BatchTotals(golden.totals))
            let decoupled = self.golden.tokens().decoupled
            #expect(objective.evaluate(decoupled, totals: BatchTotals(golden.totals)) == expected)
        }
    }

    /// The loss is a function of 64-bit differences of 32-bit inputs, so a step of 2^-13 is exact and small.
    @Test func theGradientIsTheDerivativeOfTheLoss() {
        let step: Float = 0x1p-13
        for golden in self.golden.cases where golden.configuration.isDifferentiable {
            let objective = PolicyObjective(golden.configuration)
            let totals = BatchTotals(golden.totals)
            let gradient = objective.evaluate(self.golden.tokens(), totals: totals).gradient
            var index = 0
            for (sequence, row) in self.golden.batch.logProbs.enumerated() {
                for token in row.indices {
                    func loss(_ shift: Float) -> Double {
                        objective.evaluate(self.golden.tokens(shift: (sequence, token, shift)), totals: totals).loss
                    }
                    let slope = (loss(step) - loss(-step)) / (2 * Double(step))
                    #expect(abs(slope - Double(gradient[index])) < 1e-6, "\(golden.configuration)")
                    index += 1
                }
            }
        }
    }

    @Test func microBatchesAddUpToTheWhole() {
        for golden in self.golden.cases {
            let objective = PolicyObjective(golden.configuration)
            let totals = BatchTotals(golden.totals)
            let whole = objective.evaluate(self.golden.tokens(), totals: totals)
            var loss = 0.0
            var gradient: [Float] = []
            var metrics = ObjectiveMetrics()
            for part in [0..<2, 2..<3, 3..<6] {
                let output = objective.evaluate(self.golden.tokens(part), totals: totals)
                loss += output.loss
                gradient += output.gradient
                metrics.merge(output.metrics)
            }
            #expect(gradient == whole.gradient)
            #expect(abs(loss - whole.loss) < 1e-12)
            #expect(metrics.tokens == whole.metrics.tokens && metrics.sequences == whole.metrics.sequences)
            #expect(abs(metrics.effectiveSampleShare - whole.metrics.effectiveSampleShare) < 1e-12)
            #expect(metrics.ratioMax == whole.metrics.ratioMax)
            #expect(metrics.clipFractionHigh == whole.metrics.clipFractionHigh)
        }
    }

    /// Ratios of 1/2, 1, 2 and 4 with advantages of +-1 under clip 0.2/0.28 and a dual clip of 3, by hand.
    @Test func clippingByHand() {
        let objective = PolicyObjective(.with { $0.clipHigh = 0.28 })
        let ln2: Float = 0.693_147_18
        var batch = MeasuredBatch()
        let current = [-1 - ln2, -1, -1 + ln2, -1 + 2 * ln2]
        for advantage in [1, -1] as [Float] {
            batch.append(
                logProbs: current, oldLogProbs: [-1, -1, -1, -1], behaviourLogProbs: [-1, -1, -1, -1],
                advantage: advantage)
        }
        let output = objective.evaluate(batch, totals: BatchTotals(tokens: 1, sequences: 1))
        let expected: [Float] = [-0.5, -1, 0, 0, 0, 1, 2, 0]
        for (found, wanted) in zip(output.gradient, expected) { #expect(abs(found - wanted) < 1e-6) }
        // Positive: -0.5 - 1 - 1.28 - 1.28; negative: 0.8 + 1 + 2 + 3.
        #expect(abs(output.loss - 2.74) < 1e-6)
        #expect(output.metrics.clipFractionHigh == 0.25)
        #expect(output.metrics.clipFractionLow == 0.125)
        #expect(output.metrics.clipFractionDual == 0.125)
        #expect(abs(output.metrics.ratioMean - 1.875) < 1e-6)
    }

    /// The first update of a step: the ratio is 1 whatever the annealing gap, and only the weight differs.
    @Test func onPolicyTokensAreWeightedByTheTruncatedAnnealingRatio() {
        var batch = MeasuredBatch()
        batch.append(
            logProbs: [-1, -1, -3.5], oldLogProbs: [-1, -1, -3.5], behaviourLogProbs: [-2, -1, -3], advantage: 0.5)
        let objective = PolicyObjective(.with { $0.correction = .tokenTruncated })
        let output = objective.evaluate(batch, totals: batch.totals)
        let expected: [Float] = [-0.5 * 2 / 3, -0.5 / 3, -0.5 * 0.606_530_66 / 3]
        for (found, wanted) in zip(output.gradient, expected) { #expect(abs(found - wanted) < 1e-6) }
        #expect(output.metrics.ratioMean == 1 && output.metrics.ratioMax == 1)
        #expect(abs(output.metrics.truncatedFraction - 1.0 / 3) < 1e-12)
        #expect(abs(output.metrics.importanceMax - 2.718_281_828) < 1e-8)
    }

    @Test func extremeLogProbabilitiesStayFinite() {
        var batch = MeasuredBatch()
        var extras = MeasuredBatch.Extras()
        extras.referenceLogProbs = [0, -1e30, -1]
        extras.entropies = [0, 11, 3]
        extras.isSelected = [true, false, true]
        for advantage in [3, -3, 0] as [Float] {
            batch.append(
                logProbs: [-1e30, -0.0, -200], oldLogProbs: [0, -1e30, 0], behaviourLogProbs: [-1e30, 0, -90],
                advantage: advantage, extras: extras)
        }
        for loss in PolicyLoss.allCases {
            for correction in OffPolicyCorrection.allCases {
                for estimator in KLEstimator.allCases {
                    let configuration = AlgorithmConfiguration.with {
                        $0.loss = loss
                        $0.dualClip = 0
                        $0.correction = correction
                        $0.klCoefficient = 1
                        $0.klEstimator = estimator
                    }
                    let output = PolicyObjective(configuration).evaluate(batch, totals: batch.totals)
                    #expect(output.loss.isFinite)
                    #expect(output.gradient.allSatisfy { $0.isFinite })
                    #expect(output.metrics.effectiveSampleShare.isFinite && output.metrics.importanceMean.isFinite)
                }
            }
        }
    }

    @Test func theEntropyBonusPullsEveryEntropyUpAlike() {
        let objective = PolicyObjective(
            .with {
                $0.entropyCoefficient = 0.5
                $0.aggregation = .sequenceMeanTokenMean
            })
        let output = objective.evaluate(self.golden.tokens(), totals: BatchTotals(tokens: 37, sequences: 6))
        let expected = self.golden.batch.logProbs.flatMap { row in row.map { _ in -0.5 / (6 * Float(row.count)) } }
        #expect(zip(output.entropyGradient, expected).allSatisfy { abs($0 - $1) < 1e-8 })
        #expect(output.entropyGradient.count == 37)
        let mean = self.golden.batch.entropies.joined().reduce(0.0) { $0 + Double($1) } / 37
        #expect(abs(output.metrics.entropyMean - mean) < 1e-9)
        #expect(
            PolicyObjective(AlgorithmConfiguration()).evaluate(
                self.golden.tokens(), totals: BatchTotals(tokens: 37, sequences: 6)
            ).entropyGradient.isEmpty)
    }

    /// At equal policies every estimate and every slope but that of k1 is 0.
    @Test func divergenceFromAnEqualReferenceIsZero() {
        var batch = MeasuredBatch()
        var extras = MeasuredBatch.Extras()
        extras.referenceLogProbs = [-1, -2]
        batch.append(
            logProbs: [-1, -2], oldLogProbs: [-1, -2], behaviourLogProbs: [-1, -2], advantage: 0, extras: extras)
        for estimator in KLEstimator.allCases {
            let objective = PolicyObjective(
                .with {
                    $0.klCoefficient = 2
                    $0.klEstimator = estimator
                })
            let output = objective.evaluate(batch, totals: batch.totals)
            #expect(output.loss == 0 && output.metrics.referenceKL == 0)
            #expect(output.gradient == (estimator == .k1 ? [1, 1] : [0, 0]))
        }
    }

    @Test func noTokensGiveEmptyMetrics() {
        let metrics = ObjectiveMetrics()
        #expect(metrics.clipFractionLow == 0 && metrics.effectiveSampleShare == 0 && metrics.approximateKL == 0)
    }
}
