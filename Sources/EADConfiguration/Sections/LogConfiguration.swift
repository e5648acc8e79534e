/// What the roles write for people besides the run log.
package struct LogConfiguration: Hashable, Sendable {
    /// How a line of a role's log is written.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// `TIME LEVEL NODE: MESSAGE`
        case text
        /// A JSON object with `time`, `level`, `node` and `message`.
        case json
    }

    /// Which of the rollouts that steps are trained on the learner leaves in its run directory.
    package struct Rollouts: Hashable, Sendable {
        /// Steps from one that leaves some to the next; 0 for none.
        package var every = 0
        /// Problems of such a step.
        package var problems = 4
        /// Steps whose rollouts stay.
        package var keep = 100
    }

    package var format: Format
    /// A log in the run directory that is longer is put aside, in the place of the one before; in MiB, 0 for never.
    package var rotateAt: Int

    package var rollouts: Rollouts
    /// Whether figures and rollouts are also written as TensorBoard reads them.
    package var tensorBoard: Bool

    package init(
        format: Format = .text, rotateAt: Int = 64, rollouts: Rollouts = Rollouts(), tensorBoard: Bool = false
    ) {
        self.format = format
        self.rotateAt = rotateAt
        self.rollouts = rollouts
        self.tensorBoard = tensorBoard
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.local("format"), &self.format, .choice)
        visitor.setting(.local("rotate_at"), &self.rotateAt, .integer(0...1_000_000))
        visitor.setting(.local("tensorboard"), &self.tensorBoard, .flag)
        visitor.section("rollouts") {
            visitor.setting(.local("every"), &self.rollouts.every, .integer(0...1_000_000))
            visitor.setting(.local("problems"), &self.rollouts.problems, .integer(1...1_000_000))
            visitor.setting(.local("keep"), &self.rollouts.keep, .integer(1...1_000_000))
        }
    }
}
