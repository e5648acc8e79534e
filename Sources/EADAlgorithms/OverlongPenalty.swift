/// DAPO's soft penalty on responses that come close to the token limit.
///
/// With a limit L and a buffer B: 0 up to L - B tokens, then falling linearly to -factor at L.
struct OverlongPenalty: Sendable {
    /// B, in tokens, >= 1.
    var buffer: Int
    var factor: Double

    /// The penalty to add to a reward, <= 0.
    func penalty(tokens: Int, limit: Int) -> Double {
        min(-Double(tokens - (limit - self.buffer)) / Double(self.buffer) * self.factor, 0)
    }
}
