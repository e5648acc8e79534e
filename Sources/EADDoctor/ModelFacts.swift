package import EADCore

/// A model file that was read.
package struct ModelFacts: Hashable, Sendable {
    /// As the file calls it; empty when it does not.
    package var name: String
    package var shape: ModelShape
    package var parameters: Int

    package init(name: String, shape: ModelShape, parameters: Int) {
        self.name = name
        self.shape = shape
        self.parameters = parameters
    }

    package var check: Check {
        let shape = self.shape
        return Check(
            "model", .ok,
            "\(self.name.isEmpty ? "unnamed" : self.name): \(Quantity.millions(self.parameters)) parameters, "
                + "\(shape.layers) layers of \(shape.hidden) / \(shape.feedForward), "
                + "\(shape.heads)/\(shape.keyValueHeads) heads of \(shape.headSize), \(shape.vocabulary) tokens, "
                + "context \(shape.contextLength)",
            values: ["parameters": Double(self.parameters)])
    }
}
