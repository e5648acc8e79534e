import EADAlgorithms

extension AlgorithmConfiguration {
    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting("advantage", &self.advantage, .choice)
        visitor.setting("loss", &self.loss, .choice)
        visitor.setting("clip_low", &self.clipLow, .number("0 to 1"))
        visitor.setting("clip_high", &self.clipHigh, .number("at least 0"))
        visitor.setting("dual_clip", &self.dualClip, .number("0 (no limit) or above 1"))
        visitor.setting("aggregation", &self.aggregation, .choice)
        visitor.setting("correction", &self.correction, .choice)
        visitor.setting("correction_cap", &self.correctionCap, .number("above 0"))
    }
}
