/// What the keys of a file of demonstrations are called.
package struct DemonstrationColumns: Hashable, Sendable {
    package var prompt: String
    package var response: String
    /// A conversation whose last turn is the response.
    package var messages: String
    /// Keys that say nothing to learn from.
    package var ignored: [String]

    package init(
        prompt: String = "prompt", response: String = "response", messages: String = "messages", ignored: [String] = []
    ) {
        self.prompt = prompt
        self.response = response
        self.messages = messages
        self.ignored = ignored
    }

    var all: [String] { [self.prompt, self.response, self.messages] + self.ignored }
}
