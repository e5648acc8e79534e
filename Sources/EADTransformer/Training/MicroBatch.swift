import EADCore
import EADEngine

/// The rows of a set of groups: all prompts first, then all responses without their last tokens.
struct MicroBatch {
    /// One run of rows: a prompt, or a response that continues one.
    struct Segment {
        var row: Int
        var rows: Int
        var position: Int
        /// First row of the prompt.
        var prefixRow: Int
        /// Its place in `tables`.
        var table: Int
    }

    private(set) var tokens: [TokenID] = []
    private(set) var prompts: [Segment] = []
    private(set) var responses: [Segment] = []
    /// Per group, its segments as indices into prompts followed by responses.
    private(set) var families: [[Int]] = []
    /// For every response token in order: the row whose logits predict it, and the token.
    private(set) var predictors: [Int32] = []
    private(set) var targets: [TokenID] = []
    /// Positions of the longest sequence.
    private(set) var positions = 0
    let groups: [TrainingGroup]

    /// - Throws: `EngineError` for empty prompts or responses, tokens outside the vocabulary, or too long a sequence.
    init(_ groups: [TrainingGroup], shape: ModelShape) throws(EngineError) {
        self.groups = groups
        for (index, group) in groups.enumerated() {
            let place = "group \(index) of the micro-batch"
            try shape.check(group.promptTokens, place: place)
            self.families.append([self.prompts.count])
            let row = self.tokens.count
            self.prompts.append(
                Segment(row: row, rows: group.promptTokens.count, position: 0, prefixRow: row, table: index))
            self.tokens += group.promptTokens
        }
        var table = groups.count
        for (index, group) in groups.enumerated() {
            let prompt = self.prompts[index]
            for (number, response) in group.responses.enumerated() {
                let place = "response \(number) of group \(index) of the micro-batch"
                guard !response.isEmpty else { throw .emptyResponse(place: place) }
                try shape.checkRange(response, place: place)
                let length = prompt.rows + response.count
                guard length <= shape.contextLength else {
                    throw .contextOverflow(tokens: length, context: shape.contextLength, place: place)
                }
                self.positions = max(self.positions, length)
                self.predictors.append(Int32(prompt.row + prompt.rows - 1))
                if response.count > 1 {
                    let row = self.tokens.count
                    self.families[index].append(self.prompts.count + self.responses.count)
                    self.responses.append(
                        Segment(
                            row: row, rows: response.count - 1, position: prompt.rows, prefixRow: prompt.row,
                            table: table))
                    table += 1
                    self.tokens += response.dropLast()
                    self.predictors += (row..<row + response.count - 1).map { Int32($0) }
                }
                self.targets += response
            }
            self.positions = max(self.positions, prompt.rows)
        }
    }

    var promptRows: Int { self.groups.reduce(0) { $0 + $1.promptTokens.count } }

    /// One value per response token, in order, as [group][response][token].
    func nested(_ flat: [Float]) -> [[[Float]]] {
        var next = 0
        return self.groups.map { group in
            group.responses.map { response in
                defer { next += response.count }
                return Array(flat[next..<next + response.count])
            }
        }
    }

    /// The inverse of `nested`.
    ///
    /// - Throws: `EngineError.coefficients` when the nesting is another or a value is not finite.
    func flattened(_ nested: [[[Float]]]) throws(EngineError) -> [Float] {
        guard nested.map({ $0.map(\.count) }) == self.groups.map({ $0.responses.map(\.count) }) else {
            throw .coefficients("they are not one per response token")
        }
        let flat = nested.flatMap { $0.flatMap { $0 } }
        guard flat.allSatisfy(\.isFinite) else { throw .coefficients("one is NaN or infinite") }
        return flat
    }
}

extension ForwardPass.Segment {
    init(_ segment: MicroBatch.Segment, tables: [PageTable], firstRow: Int) {
        self.init(
            row: segment.row - firstRow, rows: segment.rows, position: segment.position,
            prefixRow: segment.prefixRow, pages: tables[segment.table])
    }
}
