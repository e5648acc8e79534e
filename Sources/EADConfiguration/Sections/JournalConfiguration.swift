/// What the learner keeps of the groups that it trained on.
package struct JournalConfiguration: Hashable, Sendable {
    package enum Keep: String, Hashable, Sendable, CaseIterable {
        /// What no checkpoint covers yet.
        case none
        /// Everything, so that the run can be replayed.
        case all
    }

    package var keep: Keep

    package init(keep: Keep = .none) { self.keep = keep }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.local("keep"), &self.keep, .choice)
    }
}
