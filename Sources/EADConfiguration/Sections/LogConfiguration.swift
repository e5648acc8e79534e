/// What the roles write for people besides the run log.
package struct LogConfiguration: Hashable, Sendable {
    /// How a line of a role's log is written.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// `TIME LEVEL NODE: MESSAGE`
        case text
        /// A JSON object with `time`, `level`, `node` and `message`.
        case json
    }

    package var format: Format
    /// A log in the run directory that is longer is put aside, in the place of the one before; in MiB, 0 for never.
    package var rotateAt: Int

    package init(format: Format = .text, rotateAt: Int = 64) {
        self.format = format
        self.rotateAt = rotateAt
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.local("format"), &self.format, .choice)
        visitor.setting(.local("rotate_at"), &self.rotateAt, .integer(0...1_000_000))
    }
}
