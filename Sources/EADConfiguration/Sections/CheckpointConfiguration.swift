/// How often the learner makes weights and moments durable.
package struct CheckpointConfiguration: Hashable, Sendable {
    /// After every so many steps; after the last one in any case.
    package var every: Int
    /// Checkpoints kept, the newest ones.
    package var keep: Int

    package init(every: Int = 10, keep: Int = 2) {
        self.every = every
        self.keep = keep
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting("every", &self.every, .integer(1...1_000_000))
        visitor.setting("keep", &self.keep, .integer(1...1000))
    }
}
