package import EADCore

/// A prompt with a response to learn from, in tokens.
package struct Demonstration: Hashable, Sendable {
    /// In its file, counted from 1.
    package let line: Int
    package let prompt: [TokenID]
    /// Ends with a token that ends a response; never empty.
    package let response: [TokenID]

    package init(line: Int, prompt: [TokenID], response: [TokenID]) {
        self.line = line
        self.prompt = prompt
        self.response = response
    }

    package var tokens: Int { self.prompt.count + self.response.count }
}
