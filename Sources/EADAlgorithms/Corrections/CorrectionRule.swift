/// The weights of a response's tokens by an off-policy correction and any rejection masks.
struct CorrectionRule: Sendable {
    var kind: OffPolicyCorrection
    var cap: Double
    /// The ratios that masked corrections keep.
    var kept: ClosedRange<Double>
    var rejections: [RejectionMask]

    struct Weights {
        /// The factor of each token's policy loss.
        var applied: [Double]
        /// Tokens whose ratio was above the cap.
        var truncated = 0
        /// Tokens whose factor became 0.
        var rejected = 0
    }

    /// Takes log pi_old - log mu of each token of a response.
    func weights(logRatios: [Double]) -> Weights {
        var weights = self.importance(logRatios)
        for mask in self.rejections {
            for (index, isKept) in mask.keeps(logRatios: logRatios).enumerated() where !isKept {
                weights.applied[index] = 0
            }
        }
        weights.rejected = weights.applied.count { $0 == 0 }
        return weights
    }

    private func importance(_ logRatios: [Double]) -> Weights {
        func ratios(perSequence: Bool) -> [Double] {
            guard perSequence else { return logRatios.map(LogRatio.exponential) }
            return [Double](repeating: LogRatio.exponential(logRatios.reduce(0, +)), count: logRatios.count)
        }
        switch self.kind {
        case .none, .temperedOld:
            return Weights(applied: logRatios.map { _ in 1 })
        case .tokenTruncated, .sequenceTruncated:
            let ratios = ratios(perSequence: self.kind == .sequenceTruncated)
            return Weights(applied: ratios.map { min($0, self.cap) }, truncated: ratios.count { $0 > self.cap })
        case .tokenMasked, .sequenceMasked:
            let ratios = ratios(perSequence: self.kind == .sequenceMasked)
            return Weights(applied: ratios.map { self.kept.contains($0) ? $0 : 0 })
        }
    }
}
