package import EADAlgorithms

extension AlgorithmConfiguration {
    mutating func visit(_ visitor: some SettingVisitor) {
        var preset: AlgorithmPreset?
        visitor.setting(SettingKey("preset", absent: "`grpo`"), &preset, SettingType.choice.optional)
        if let preset { self = preset.configuration }
        visitor.setting("advantage", &self.advantage, .choice)
        visitor.setting("loss", &self.loss, .choice)
        visitor.setting("clip_low", &self.clipLow, .number("0 to 1"))
        visitor.setting("clip_high", &self.clipHigh, .number("at least 0"))
        visitor.setting("dual_clip", &self.dualClip, .number("0 (no limit) or above 1"))
        visitor.setting("covariance_ratio", &self.covarianceRatio, .number("above 0, at most 1"))
        visitor.setting("covariance_low", &self.covarianceLow, .number("below covariance_high"))
        visitor.setting("covariance_high", &self.covarianceHigh, .number())
        visitor.setting("covariance_penalty", &self.covariancePenalty, .number("at least 0"))
        visitor.setting("aggregation", &self.aggregation, .choice)
        visitor.setting("norm_tokens", &self.normTokens, .integer(1...1_000_000))
        visitor.setting("correction", &self.correction, .choice)
        visitor.setting("correction_cap", &self.correctionCap, .number("above 0"))
        visitor.setting("correction_low", &self.correctionLow, .number("at least 0"))
        visitor.setting("correction_high", &self.correctionHigh, .number("at least correction_low"))
        visitor.list(
            "rejections", &self.rejections, element: { RejectionMask(measure: .tokenK2, high: 1) }
        ) { mask in
            visitor.setting(.required("measure"), &mask.measure, .choice)
            visitor.setting("low", &mask.low, .number("k1: above 0, at most high; else 0"))
            visitor.setting(.required("high"), &mask.high, .number("above 0"))
        }
        visitor.setting("kl_coefficient", &self.klCoefficient, .number("at least 0"))
        visitor.setting("kl_estimator", &self.klEstimator, .choice)
        visitor.setting("entropy_coefficient", &self.entropyCoefficient, .number("at least 0"))
        visitor.setting("overlong_buffer", &self.overlongBuffer, .integer(0...1_000_000))
        visitor.setting("overlong_factor", &self.overlongFactor, .number("at least 0"))
        visitor.setting("group_filter", &self.groupFilter, .choice)
        visitor.setting("group_filter_rounds", &self.groupFilterRounds, .integer(1...1000))
    }

    /// The section `algorithm` of a cluster file that asks for exactly this objective.
    package func yaml() -> String {
        let writer = SettingWriter()
        var copy = self
        writer.section("algorithm") { copy.visit(writer) }
        return writer.yaml
    }
}
