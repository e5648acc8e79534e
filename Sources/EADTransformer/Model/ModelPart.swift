import EADCore
import EADModels

/// A part of a model whose output is looked at when something is not finite.
enum ModelPart: Hashable, Sendable {
    case embedding
    case attention(layer: Int)
    case feedForward(layer: Int)
    case finalNorm
    case head
}

extension ParameterLayout {
    /// What Hugging Face calls a part of this model: the module that its tensors belong to.
    func name(of part: ModelPart) -> String {
        switch part {
        case .embedding: self.module(of: .embedding)
        case .attention(let layer): self.module(of: .output, layer, enclosing: 1)
        case .feedForward(let layer): self.module(of: .down, layer, enclosing: 1)
        case .finalNorm: self.module(of: .finalNorm)
        case .head:
            self.entry(.head) == nil ? "\(self.module(of: .embedding)) (as the head)" : self.module(of: .head)
        }
    }

    private func entry(_ part: TensorPart, _ layer: Int? = nil) -> Entry? {
        self.entries.first { $0.part == part && $0.layer == layer }
    }

    /// - Parameter levels: How many modules further out.
    private func module(of part: TensorPart, _ layer: Int? = nil, enclosing levels: Int = 0) -> String {
        guard let entry = self.entry(part, layer) else { preconditionFailure("every family has \(part)") }
        return entry.name.split(separator: ".").dropLast(1 + levels).joined(separator: ".")
    }
}
