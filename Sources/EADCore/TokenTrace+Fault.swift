extension TokenTrace {
    /// What makes a trace unusable.
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is no token.
        case isEmpty
        /// The column has not one number per token.
        case length(Column, Int, tokens: Int)
        case notFinite(Column, index: Int)
        case outsideDomain(Column, index: Int)
        /// The token is not in the vocabulary.
        case unknownToken(index: Int)

        package var description: String {
            switch self {
            case .isEmpty: "no token"
            case .length(let column, let found, let tokens): "\(found) numbers of \(column) for \(tokens) tokens"
            case .notFinite(let column, let index): "\(column)[\(index)], which is not finite"
            case .outsideDomain(let column, let index): "\(column)[\(index)], which is outside its domain"
            case .unknownToken(let index): "tokens[\(index)], which is not in the vocabulary"
            }
        }
    }

    /// The first fault; nil for a trace that can be trained on.
    ///
    /// - Parameter vocabulary: Token ids are below it; nil where the model is not known.
    package func fault(vocabulary: UInt32? = nil) -> Fault? {
        guard !self.tokens.isEmpty else { return .isEmpty }
        for column in Column.allCases {
            if let fault = self.fault(in: column) { return fault }
        }
        guard let vocabulary else { return nil }
        return self.tokens.firstIndex { $0 >= vocabulary }.map(Fault.unknownToken)
    }

    private func fault(in column: Column) -> Fault? {
        let numbers = self[column]
        guard numbers.count == self.count else { return .length(column, numbers.count, tokens: self.count) }
        let domain = column.domain
        let (low, high) = (domain.lowerBound, domain.upperBound)
        // Without a branch per element the compiler vectorises it: groups carry hundreds of thousands of numbers.
        var bad: UInt32 = 0
        for number in numbers { bad |= (number >= low ? 0 : 1) | (number <= high ? 0 : 1) }
        guard bad != 0, let index = numbers.firstIndex(where: { !domain.contains($0) }) else { return nil }
        return numbers[index].isFinite ? .outsideDomain(column, index: index) : .notFinite(column, index: index)
    }
}
