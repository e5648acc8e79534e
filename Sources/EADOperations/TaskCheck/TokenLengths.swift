/// How long the prompts of a task are.
struct TokenLengths: Hashable, Encodable {
    let median: Int
    /// 99 of 100 are no longer.
    let p99: Int
    let max: Int

    /// All 0 without any.
    init(_ lengths: [Int]) {
        let sorted = lengths.sorted()
        /// The least that so large a share does not exceed.
        func quantile(_ share: Double) -> Int {
            guard !sorted.isEmpty else { return 0 }
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return sorted[Swift.min(sorted.count, Swift.max(1, rank)) - 1]
        }
        self.median = quantile(0.5)
        self.p99 = quantile(0.99)
        self.max = sorted.last ?? 0
    }
}
