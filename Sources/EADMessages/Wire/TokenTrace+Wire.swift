import CEADMessages
import EADCore

extension TokenTrace: WireMessage {
    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__TokenTrace>) { ead__v1__token_trace__init(wire) }

    func fill(_ wire: inout Ead__V1__TokenTrace, in arena: borrowing WireArena) {
        wire.n_tokens = self.tokens.count
        wire.tokens = arena.numbers(self.tokens)
        let columns = Column.allCases.map { TokenColumn(column: $0, values: self[$0]) }.filter { !$0.isImplied }
        wire.n_columns = columns.count
        wire.columns = arena.messages(columns)
    }

    init(wire: Ead__V1__TokenTrace) throws(DecodeError) {
        var columns: [Column: [Float]] = [:]
        for column in try TokenColumn.read(wire.columns, count: wire.n_columns, "columns") {
            guard columns.updateValue(column.values, forKey: column.column) == nil else {
                throw DecodeError(.repeated, at: column.column.rawValue)
            }
        }
        for column in Column.allCases where columns[column] == nil && column.absent == nil {
            throw DecodeError(.missing, at: column.rawValue)
        }
        self.init(tokens: Array(UnsafeBufferPointer(start: wire.tokens, count: wire.n_tokens)), columns: columns)
        if let fault = self.fault() { throw DecodeError(fault) }
    }
}

/// A column as it travels.
private struct TokenColumn: WireMessage {
    let column: TokenTrace.Column
    let values: [Float]

    /// Whether leaving it out says the same.
    var isImplied: Bool {
        guard let absent = self.column.absent else { return false }
        return self.values.allSatisfy { $0.bitPattern == absent.bitPattern }
    }

    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__TokenColumn>) { ead__v1__token_column__init(wire) }

    func fill(_ wire: inout Ead__V1__TokenColumn, in arena: borrowing WireArena) {
        wire.name = arena.text(self.column.rawValue)
        wire.n_values = self.values.count
        wire.values = arena.numbers(self.values)
    }

    init(column: TokenTrace.Column, values: [Float]) {
        self.column = column
        self.values = values
    }

    init(wire: Ead__V1__TokenColumn) throws(DecodeError) {
        let name = try wire.name.name("name")
        guard let column = TokenTrace.Column(rawValue: name) else { throw DecodeError(.unknownName(name), at: "name") }
        self.init(column: column, values: Array(UnsafeBufferPointer(start: wire.values, count: wire.n_values)))
    }
}

extension DecodeError {
    fileprivate init(_ fault: TokenTrace.Fault) {
        switch fault {
        case .isEmpty: self.init(.wrongLength(found: 0, expected: 1...EnvelopeCodec.usualLimit), at: "tokens")
        case .length(let column, let found, let tokens):
            self.init(.wrongLength(found: found, expected: tokens...tokens), at: column.rawValue)
        case .notFinite(let column, let index): self.init(.notFinite, at: "\(column)[\(index)]")
        case .outsideDomain(let column, let index): self.init(.outsideDomain, at: "\(column)[\(index)]")
        case .unknownToken(let index): self.init(.outsideDomain, at: "tokens[\(index)]")
        }
    }
}
