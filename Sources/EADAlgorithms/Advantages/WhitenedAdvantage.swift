/// Rewards brought to mean 0 and deviation 1 over all tokens of a step, as REINFORCE++ does.
///
/// Every token carries its response's reward (an undiscounted return without a penalty in the reward), so with n_i
/// tokens in response i and N in all:
/// ```
/// mean = sum n_i R_i / N
/// var  = sum n_i (R_i - mean)^2 / (N - 1)
/// A_i  = (R_i - mean) / sqrt(var + 1e-8)
/// ```
/// Equal rewards throughout give exactly zero.
enum WhitenedAdvantage {
    static let epsilon = 1e-8

    static func whitened(_ groups: [[ScoredResponse]]) -> [[Float]] {
        let all = groups.flatMap { $0 }
        let tokens = all.reduce(0) { $0 + $1.tokens }
        guard GroupFilter.isMixed(all.map(\.reward)) else { return groups.map { $0.map { _ in 0 } } }
        let mean = all.reduce(0.0) { $0 + Double($1.tokens) * Double($1.reward) } / Double(tokens)
        let squares = all.reduce(0.0) { sum, response in
            let distance = Double(response.reward) - mean
            return sum + Double(response.tokens) * distance * distance
        }
        let deviation = (squares / Double(tokens - 1) + Self.epsilon).squareRoot()
        return groups.map { $0.map { Float((Double($0.reward) - mean) / deviation) } }
    }
}
