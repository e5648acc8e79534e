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
    let source: TokenBatch

    /// - Throws: `EngineError` for empty prompts or responses, tokens outside the vocabulary, or too long a sequence.
    init(_ batch: TokenBatch, shape: ModelShape) throws(EngineError) {
        self.source = batch
        for (index, range) in batch.prompts.enumerated() {
            let prompt = Array(batch.promptTokens[range])
            try shape.check(prompt, place: "group \(index) of the micro-batch")
            self.families.append([self.prompts.count])
            let row = self.tokens.count
            self.prompts.append(Segment(row: row, rows: prompt.count, position: 0, prefixRow: row, table: index))
            self.tokens += prompt
        }
        for index in batch.groups.indices {
            for (number, tokens) in batch.responses[batch.groups[index]].enumerated() {
                let place = "response \(number) of group \(index) of the micro-batch"
                try self.append(Array(batch.trace.tokens[tokens]), group: index, shape: shape, place: place)
            }
            self.positions = max(self.positions, self.prompts[index].rows)
        }
    }

    private mutating func append(
        _ response: [TokenID], group: Int, shape: ModelShape, place: String
    ) throws(EngineError) {
        let prompt = self.prompts[group]
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
            let segment = self.prompts.count + self.responses.count
            self.families[group].append(segment)
            self.responses.append(
                Segment(
                    row: row, rows: response.count - 1, position: prompt.rows, prefixRow: prompt.row, table: segment))
            self.tokens += response.dropLast()
            self.predictors += (row..<row + response.count - 1).map { Int32($0) }
        }
        self.targets += response
    }

    var promptRows: Int { self.source.promptTokens.count }
}

extension ForwardPass.Segment {
    init(_ segment: MicroBatch.Segment, tables: [PageTable], firstRow: Int) {
        self.init(
            row: segment.row - firstRow, rows: segment.rows, position: segment.position,
            prefixRow: segment.prefixRow, pages: tables[segment.table])
    }
}
