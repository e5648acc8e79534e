/// What is wrong with a template, or went wrong in it.
package struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// No template, or one with something that is not implemented; found when it is read.
        case unreadable
        /// The template refuses the conversation (`raise_exception`).
        case raised
        /// An operation that its values do not allow.
        case failed
        /// More steps, output or depth than a template may need.
        case limit
    }

    package let code: Code
    /// Counted from 1.
    package let line: Int
    package let message: String

    package var description: String { "line \(self.line) of the chat template: \(self.message)" }
}
