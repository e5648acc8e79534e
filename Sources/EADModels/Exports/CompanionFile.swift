/// A file that belongs to a model beside its weights: its description, its tokenizer, its chat template.
package struct CompanionFile: Hashable, Sendable {
    /// The name in the model's directory.
    package let name: String
    package let contents: [UInt8]

    init(_ name: String, _ contents: [UInt8]) {
        self.name = name
        self.contents = contents
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }
}
