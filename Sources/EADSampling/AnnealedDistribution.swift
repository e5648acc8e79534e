package import EADCore
import Glibc

/// The exact law of one token after temperature, top-k, top-p and min-p, in double precision.
///
/// This is the specification the engine's sampler is tested against; it sorts the whole vocabulary.
/// Tokens are ranked by descending logit, equal logits by ascending id.
/// 1. p = softmax(logits / tau); at tau = 0 the first-ranked token has probability 1.
/// 2. top-k keeps the k first-ranked tokens; p is renormalised.
/// 3. top-p keeps the shortest run of first-ranked tokens whose mass is at least topP; p is renormalised.
/// 4. min-p keeps tokens with p >= minP times the largest p; p is renormalised.
package struct AnnealedDistribution: Sendable {
    /// One probability per vocabulary entry; they sum to 1.
    package let probabilities: [Double]
    private let logProbs: [Double]

    /// Takes logits [vocabulary], none of them NaN or positive infinity and at least one finite, and tau >= 0.
    package init(logits: [Float], temperature: Float, configuration: SamplingConfiguration) {
        precondition(temperature.isFinite && temperature >= 0, "a temperature is a finite number of at least 0")
        precondition(logits.allSatisfy { $0 < .infinity }, "a logit is a number below infinity")
        precondition(logits.contains { $0.isFinite }, "a law needs at least one finite logit")
        var ranked = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
        if temperature == 0 { ranked = [ranked[0]] }

        let scale = temperature == 0 ? 1 : Double(temperature)
        let peak = Double(logits[ranked[0]])
        let scaled = logits.map { (Double($0) - peak) / scale }
        if configuration.topK > 0 { ranked = Array(ranked.prefix(configuration.topK)) }

        if configuration.topP < 1 {
            let mass = ranked.reduce(0.0) { $0 + exp(scaled[$1]) }
            var sum = 0.0
            var kept = 0
            while kept < ranked.count, kept == 0 || sum < Double(configuration.topP) * mass {
                sum += exp(scaled[ranked[kept]])
                kept += 1
            }
            ranked = Array(ranked.prefix(kept))
        }
        if configuration.minP > 0 {
            ranked = ranked.filter { exp(scaled[$0]) >= Double(configuration.minP) }
        }

        let normaliser = log(ranked.reduce(0.0) { $0 + exp(scaled[$1]) })
        var logProbs = [Double](repeating: -.infinity, count: logits.count)
        for token in ranked { logProbs[token] = scaled[token] - normaliser }
        self.logProbs = logProbs
        self.probabilities = logProbs.map { exp($0) }
    }

    /// The natural log-probability of a token; negative infinity for a token the filters removed.
    package func logProb(of token: TokenID) -> Double { self.logProbs[Int(token)] }

    /// The entropy of the law, in nats.
    package var entropy: Double {
        zip(self.probabilities, self.logProbs).reduce(0) { $1.0 > 0 ? $0 - $1.0 * $1.1 : $0 }
    }

    /// The token whose interval holds `uniform`, with the kept tokens' probabilities laid end to end by ascending id.
    package func draw(uniform: Float) -> TokenID {
        precondition(uniform >= 0 && uniform < 1, "a uniform number is in [0, 1)")
        var sum = 0.0
        var last = 0
        for (token, probability) in self.probabilities.enumerated() where probability > 0 {
            sum += probability
            last = token
            if Double(uniform) < sum { break }
        }
        return TokenID(last)
    }
}
