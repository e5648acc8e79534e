package import EADCore

extension TokenTrace {
    /// A valid trace of these tokens: every column has a number of its own for each.
    package static func filled(_ tokens: [TokenID]) -> TokenTrace {
        var trace = TokenTrace()
        for (index, token) in tokens.enumerated() {
            trace.append(token) { column in
                Self.filling(column, at: index)
            }
        }
        return trace
    }

    /// The number of a column at a place of such a trace.
    package static func filling(_ column: Column, at index: Int) -> Float {
        let domain = column.domain
        let number = Float(index + 1) * 0.25 + Float(column.rawValue.utf8.count)
        return [number, -number].first(where: domain.contains) ?? domain.lowerBound
    }
}
