/// How responses are drawn: the temperature of each token, the filters after it, and where a response ends.
///
/// The filters act on the annealed distribution, in this order: top-k, top-p, min-p. In training they are best left off:
/// a filtered law gives some tokens probability 0, which importance weights cannot undo.
package struct SamplingConfiguration: Hashable, Sendable {
    package var schedule: TemperatureSchedule
    /// Keeps the k most probable tokens; 0 keeps all.
    package var topK: Int
    /// Keeps the smallest set of most probable tokens whose mass reaches it, in (0, 1]; 1 keeps all.
    package var topP: Float
    /// Keeps tokens at least this fraction as probable as the most probable one, in [0, 1]; 0 keeps all.
    package var minP: Float
    /// The longest response, in tokens.
    package var maxTokens: Int
    /// A response ends when its text contains one of these.
    package var stopStrings: [String]

    package init(
        schedule: TemperatureSchedule, topK: Int = 0, topP: Float = 1, minP: Float = 0, maxTokens: Int,
        stopStrings: [String] = []
    ) {
        self.schedule = schedule
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
        self.stopStrings = stopStrings
    }
}
