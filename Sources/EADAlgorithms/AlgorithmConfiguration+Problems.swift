package import EADCore

extension AlgorithmConfiguration {
    /// Every setting that cannot be used.
    package func problems() -> [ConfigurationProblem] {
        var found: [ConfigurationProblem] = []
        func require(_ condition: Bool, _ field: String, _ message: String) {
            if !condition { found.append(ConfigurationProblem(field: field, message: message)) }
        }
        func atLeastZero(_ value: Float, _ field: String) {
            require(value >= 0 && value.isFinite, field, "must be a finite number of at least 0, not \(value)")
        }
        require((0...1).contains(self.clipLow), "clipLow", "must be between 0 and 1, not \(self.clipLow)")
        atLeastZero(self.clipHigh, "clipHigh")
        require(
            self.dualClip == 0 || (self.dualClip > 1 && self.dualClip.isFinite), "dualClip",
            "must be 0 (no limit) or a finite number above 1, not \(self.dualClip)")
        require(
            self.covarianceRatio > 0 && self.covarianceRatio <= 1, "covarianceRatio",
            "must be above 0 and at most 1, not \(self.covarianceRatio)")
        require(
            self.covarianceLow < self.covarianceHigh, "covarianceLow",
            "must be below covarianceHigh, but \(self.covarianceLow) is not below \(self.covarianceHigh)")
        atLeastZero(self.covariancePenalty, "covariancePenalty")
        require(self.normTokens >= 1, "normTokens", "must be at least 1, not \(self.normTokens)")
        require(
            self.correctionCap > 0 && self.correctionCap.isFinite, "correctionCap",
            "must be a finite number above 0, not \(self.correctionCap)")
        atLeastZero(self.correctionLow, "correctionLow")
        require(
            self.correctionHigh >= self.correctionLow && self.correctionHigh.isFinite, "correctionHigh",
            "must be a finite number of at least correctionLow = \(self.correctionLow), not \(self.correctionHigh)")
        for (index, mask) in self.rejections.enumerated() {
            found += mask.problems().map { $0.within("rejections[\(index)]") }
        }
        atLeastZero(self.klCoefficient, "klCoefficient")
        atLeastZero(self.entropyCoefficient, "entropyCoefficient")
        require(self.overlongBuffer >= 0, "overlongBuffer", "must be at least 0, not \(self.overlongBuffer)")
        atLeastZero(self.overlongFactor, "overlongFactor")
        require(self.groupFilterRounds >= 1, "groupFilterRounds", "must be at least 1, not \(self.groupFilterRounds)")
        return found
    }
}

extension RejectionMask {
    /// Every setting that cannot be used.
    package func problems() -> [ConfigurationProblem] {
        var found: [ConfigurationProblem] = []
        if !(self.high > 0 && self.high.isFinite) {
            found.append(
                ConfigurationProblem(field: "high", message: "must be a finite number above 0, not \(self.high)"))
        }
        if self.boundsRatio {
            if !(self.low > 0 && self.low <= self.high) {
                found.append(
                    ConfigurationProblem(
                        field: "low", message: "must be above 0 and at most high = \(self.high), not \(self.low)"))
            }
        } else if self.low != 0 {
            let measure = self.measure.rawValue
            found.append(ConfigurationProblem(field: "low", message: "must be 0: \(measure) has no lower bound"))
        }
        return found
    }
}
