package import EADCore

/// The training objective: rewards to advantages, log-probabilities to a loss and its gradient.
///
/// The loss of a mini-batch is the sum over its tokens of
/// ```
/// a_t (w_t L_t + klCoefficient KL_t - entropyCoefficient H_t)
/// ```
/// with the token loss L_t of the policy loss, the weight w_t of the correction (no gradient) and the factor a_t of the
/// aggregation. Arithmetic is in double precision and in token order, so the result depends on the batch's content
/// alone.
package struct PolicyObjective: Sendable {
    package let configuration: AlgorithmConfiguration
    private let loss: any TokenLoss
    private let correction: CorrectionRule

    /// Takes a configuration whose settings were checked where they were read.
    package init(_ configuration: AlgorithmConfiguration) {
        self.configuration = configuration
        let low = Double(configuration.clipLow)
        let high = Double(configuration.clipHigh)
        self.loss =
            switch configuration.loss {
            case .vanilla:
                ClippedLoss(
                    low: low, high: high, dual: configuration.dualClip > 0 ? Double(configuration.dualClip) : nil)
            case .gspo: SequenceRatioLoss(low: low, high: high)
            case .cispo: ClippedWeightLoss(low: low, high: high)
            case .clipCov: ClipCovarianceLoss(low: low, high: high)
            case .klCov: KLCovarianceLoss(penalty: Double(configuration.covariancePenalty))
            }
        self.correction = CorrectionRule(
            kind: configuration.correction, cap: Double(configuration.correctionCap),
            kept: Double(configuration.correctionLow)...Double(configuration.correctionHigh),
            rejections: configuration.rejections)
    }

    /// A step's responses with the penalty for coming close to `maxTokens` in their rewards; unchanged without one.
    package func shaped(_ groups: [[ScoredResponse]], maxTokens: Int) -> [[ScoredResponse]] {
        guard self.configuration.overlongBuffer > 0 else { return groups }
        let rule = OverlongPenalty(
            buffer: self.configuration.overlongBuffer, factor: Double(self.configuration.overlongFactor))
        return groups.map {
            $0.map { response in
                let penalty = rule.penalty(tokens: response.tokens, limit: maxTokens)
                return ScoredResponse(reward: Float(Double(response.reward) + penalty), tokens: response.tokens)
            }
        }
    }

    /// The advantages of a whole step, in the shape of `groups` ([group][response]).
    package func advantages(for groups: [[ScoredResponse]]) -> [[Float]] {
        self.configuration.advantage.advantages(for: groups)
    }

    /// The tokens of a mini-batch that a covariance loss treats apart; none for other losses.
    ///
    /// Takes those of pi_old, which are the current ones in the first update of a step. The published code chooses in each micro-batch, from current log-probabilities, and leaves out tokens that are clipped
    /// anyway.
    package func selection(in batch: TokenBatch, using generator: inout some RandomNumberGenerator) -> [Bool] {
        precondition(batch.advantages.count == batch.responses.count, "every response has an advantage")
        let rule: CovarianceSelection.Rule
        switch self.configuration.loss {
        case .clipCov:
            rule = .random(low: self.configuration.covarianceLow, high: self.configuration.covarianceHigh)
        case .klCov:
            rule = .largest
        case .vanilla, .gspo, .cispo:
            return Array(repeating: false, count: batch.count)
        }
        return CovarianceSelection(rule: rule, ratio: self.configuration.covarianceRatio)
            .select(in: batch, using: &generator)
    }

    /// The loss and gradient of one micro-batch of a mini-batch with the given totals.
    ///
    /// Batch and measurements have what the configuration `needs`.
    package func evaluate(
        _ batch: TokenBatch, _ measured: TokenMeasurements, totals: BatchTotals
    ) -> ObjectiveOutput {
        let needs = self.configuration.needs
        func has(_ count: Int, _ need: AlgorithmNeed) -> Bool { count == batch.count || !needs.contains(need) }
        precondition(batch.advantages.count == batch.responses.count, "every response has an advantage")
        precondition(batch.oldLogProbs.count == batch.count, "every token has an old log-probability")
        precondition(measured.logProbs.count == batch.count, "every token has a log-probability")
        precondition(has(batch.isSelected.count, .tokenSelection), "\(self.configuration.loss) needs a selection")
        precondition(has(measured.referenceLogProbs.count, .referenceLogProbs), "a KL term needs reference values")
        precondition(has(measured.entropies.count, .entropies), "an entropy bonus needs entropies")
        var output = ObjectiveOutput()
        output.gradient.reserveCapacity(batch.count)
        let (old, sampled) = (batch.oldLogProbs, batch.trace[.behaviourLogProb])
        for (sequence, advantage) in zip(batch.responses, batch.advantages) {
            func differences(_ numerators: [Float], _ denominators: [Float]) -> [Double] {
                sequence.map { Double(numerators[$0]) - Double(denominators[$0]) }
            }
            let isTempered = self.configuration.correction == .temperedOld
            let tokens = SequenceTokens(
                logProbs: sequence.map { Double(measured.logProbs[$0]) },
                logRatios: differences(measured.logProbs, isTempered ? sampled : old),
                advantages: sequence.map { _ in Double(advantage) },
                isSelected: batch.isSelected.isEmpty ? sequence.map { _ in false } : Array(batch.isSelected[sequence]))
            let logImportance = differences(old, sampled)
            let terms = self.loss.terms(of: tokens)
            let weights = self.correction.weights(logRatios: logImportance)
            let factor = self.configuration.aggregation.weight(
                tokens: sequence.count, totals: totals, norm: self.configuration.normTokens)
            for (index, (term, weight)) in zip(sequence, zip(terms, weights.applied)) {
                self.add(term, weight: weight, factor: factor, index, measured, to: &output)
            }
            output.metrics.add(
                terms: terms, logRatios: differences(measured.logProbs, old), logImportance: logImportance,
                weights: weights)
        }
        output.metrics.loss = output.loss
        return output
    }

    private func add(
        _ term: LossTerm, weight: Double, factor: Double, _ index: Int, _ measured: TokenMeasurements,
        to output: inout ObjectiveOutput
    ) {
        let divergence = self.divergence(index, measured)
        let entropy = self.entropyBonus(index, measured)
        output.loss += factor * (weight * term.value + divergence.value - entropy)
        output.gradient.append(Float(factor * (weight * term.slope + divergence.slope)))
        if self.configuration.entropyCoefficient > 0 {
            output.entropyGradient.append(Float(-factor * Double(self.configuration.entropyCoefficient)))
            output.metrics.entropySum += Double(measured.entropies[index])
        }
        output.metrics.divergenceSum += divergence.estimate
    }

    /// The KL term of a token, its slope, and the estimate without the coefficient.
    private func divergence(
        _ index: Int, _ measured: TokenMeasurements
    ) -> (value: Double, slope: Double, estimate: Double) {
        guard self.configuration.klCoefficient > 0 else { return (0, 0, 0) }
        let coefficient = Double(self.configuration.klCoefficient)
        let term = self.configuration.klEstimator.term(
            logProb: Double(measured.logProbs[index]), reference: Double(measured.referenceLogProbs[index]))
        return (coefficient * term.value, coefficient * term.slope, term.value)
    }

    private func entropyBonus(_ index: Int, _ measured: TokenMeasurements) -> Double {
        guard self.configuration.entropyCoefficient > 0 else { return 0 }
        return Double(self.configuration.entropyCoefficient) * Double(measured.entropies[index])
    }
}

extension ObjectiveMetrics {
    fileprivate mutating func add(
        terms: [LossTerm], logRatios: [Double], logImportance: [Double], weights: CorrectionRule.Weights
    ) {
        self.sequences += 1
        self.tokens += terms.count
        for term in terms {
            switch term.clipping {
            case .none: break
            case .low: self.clippedLow += 1
            case .high: self.clippedHigh += 1
            case .dual: self.clippedDual += 1
            }
        }
        for logRatio in logRatios {
            let ratio = LogRatio.exponential(logRatio)
            self.ratioSum += ratio
            self.ratioMax = max(self.ratioMax, ratio)
            self.logRatioSum += logRatio
        }
        for logRatio in logImportance {
            let ratio = LogRatio.exponential(logRatio)
            self.importanceSum += ratio
            self.importanceMax = max(self.importanceMax, ratio)
        }
        for weight in weights.applied {
            self.weightSum += weight
            self.weightSquareSum += weight * weight
        }
        self.truncated += weights.truncated
        self.rejected += weights.rejected
    }
}
