package import EADAlgorithms

extension AlgorithmConfiguration {
    mutating func visit(_ visitor: some SettingVisitor) {
        var preset: AlgorithmPreset?
        visitor.setting(SettingKey("preset", absent: "`grpo`"), &preset, SettingType.choice.optional)
        if let preset { self = preset.configuration }
        visitor.setting("advantage", &self.advantage, .choice)
        visitor.setting("loss", &self.loss, .choice)
        visitor.setting("clip_low", &self.clipLow, .number(.within(0...1)))
        visitor.setting("clip_high", &self.clipHigh, .number(.atLeast(0)))
        visitor.setting("dual_clip", &self.dualClip, .number(.above(1).or(0, "no limit")))
        visitor.setting("covariance_ratio", &self.covarianceRatio, .number(.above(0, atMost: 1)))
        visitor.setting("covariance_low", &self.covarianceLow, .number(.any.and("below covariance_high")))
        visitor.setting("covariance_high", &self.covarianceHigh, .number(.any))
        visitor.setting("covariance_penalty", &self.covariancePenalty, .number(.atLeast(0)))
        visitor.setting("aggregation", &self.aggregation, .choice)
        visitor.setting("norm_tokens", &self.normTokens, .integer(1...1_000_000))
        visitor.setting("correction", &self.correction, .choice)
        visitor.setting("correction_cap", &self.correctionCap, .number(.above(0)))
        visitor.setting("correction_low", &self.correctionLow, .number(.atLeast(0)))
        visitor.setting("correction_high", &self.correctionHigh, .number(.any.and("at least correction_low")))
        visitor.list(
            "rejections", &self.rejections, element: { RejectionMask(measure: .tokenK2, high: 1) }
        ) { mask in
            visitor.setting(.required("measure"), &mask.measure, .choice)
            visitor.setting("low", &mask.low, .number(.any.and("k1: above 0, at most high; else 0")))
            visitor.setting(.required("high"), &mask.high, .number(.above(0)))
        }
        visitor.setting("kl_coefficient", &self.klCoefficient, .number(.atLeast(0)))
        visitor.setting("kl_estimator", &self.klEstimator, .choice)
        visitor.setting("entropy_coefficient", &self.entropyCoefficient, .number(.atLeast(0)))
        visitor.setting("overlong_buffer", &self.overlongBuffer, .integer(0...1_000_000))
        visitor.setting("overlong_factor", &self.overlongFactor, .number(.atLeast(0)))
        visitor.setting("group_filter", &self.groupFilter, .choice)
        visitor.setting("group_filter_rounds", &self.groupFilterRounds, .integer(1...1000))
    }

    /// Settings that are in their ranges and cannot be used together.
    func combinationProblems() -> [SettingProblem] {
        var found: [SettingProblem] = []
        if self.covarianceLow >= self.covarianceHigh {
            found.append(
                SettingProblem(
                    "covariance_low",
                    "must be below covariance_high, but \(self.covarianceLow) is not below \(self.covarianceHigh)"))
        }
        if self.correctionHigh < self.correctionLow {
            found.append(
                SettingProblem(
                    "correction_high",
                    "must be at least correction_low, which is \(self.correctionLow), is \(self.correctionHigh)"))
        }
        for (index, mask) in self.rejections.enumerated() {
            found += mask.combinationProblems().within("rejections[\(index)]")
        }
        return found
    }

    /// The section `algorithm` of a cluster file that asks for exactly this objective.
    package func yaml() -> String {
        let writer = SettingWriter()
        var copy = self
        writer.section("algorithm") { copy.visit(writer) }
        return writer.yaml
    }
}

extension RejectionMask {
    fileprivate func combinationProblems() -> [SettingProblem] {
        if self.boundsRatio {
            guard self.low <= 0 || self.low > self.high else { return [] }
            return [
                SettingProblem("low", "must be above 0 and at most high, which is \(self.high), is \(self.low)")
            ]
        }
        guard self.low != 0 else { return [] }
        return [SettingProblem("low", "must be 0: \(self.measure.rawValue) has no lower bound")]
    }
}
