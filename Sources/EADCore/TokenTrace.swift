/// The record of a response's tokens: the tokens, and a number per token in every column.
///
/// Columns are described once, by `Column`; whatever checks, sends, stores or compares a trace loops over them. A trace
/// that grows by `append` has columns of one length. One that was put together otherwise may have a `fault`.
package struct TokenTrace: Hashable, Sendable {
    package var tokens: [TokenID]
    /// Holds every column.
    private var columns: [Column: [Float]]

    /// A trace from its columns; one that is left out says of each token what its absence says, or nothing at all.
    package init(tokens: [TokenID] = [], columns: [Column: [Float]] = [:]) {
        self.tokens = tokens
        self.columns = columns
        for column in Column.allCases where columns[column] == nil {
            self.columns[column] = column.absent.map { Array(repeating: $0, count: tokens.count) } ?? []
        }
    }

    /// Tokens of the response.
    package var count: Int { self.tokens.count }

    /// A column, one number per token.
    package subscript(_ column: Column) -> [Float] {
        get { self.columns[column, default: []] }
        set { self.columns[column] = newValue }
    }

    /// Some of the tokens, with their numbers.
    package subscript(_ range: Range<Int>) -> TokenTrace {
        TokenTrace(tokens: Array(self.tokens[range]), columns: self.columns.mapValues { Array($0[range]) })
    }

    /// Adds the tokens of another trace.
    package mutating func append(contentsOf other: TokenTrace) {
        self.tokens += other.tokens
        for column in Column.allCases { self.columns[column, default: []] += other[column] }
    }

    /// Adds a token with its number in every column.
    package mutating func append(_ token: TokenID, _ value: (Column) -> Float) {
        self.tokens.append(token)
        for column in Column.allCases { self.columns[column, default: []].append(value(column)) }
    }
}
