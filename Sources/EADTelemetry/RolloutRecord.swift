package import EADCore
package import Foundation

/// One line of a step's rollouts on disk, for people: a sampled response with its tokens, their temperatures and its score.
package struct RolloutRecord: Hashable, Sendable, Codable {
    package var step: UInt64
    /// Of the policy that its prompt was computed with, and that drew it unless there are runs.
    package var version: UInt64
    /// A version and a number of tokens that it drew, for each version in order; absent where one drew them all.
    package var runs: [[UInt64]]?
    /// The group's place in the step.
    package var slot: UInt32
    /// The problem's place among those trained on.
    package var problem: UInt32
    /// The response's place among those to its problem.
    package var sample: Int
    /// Absent without a score, as is `strictReward`.
    package var reward: Float?
    package var strictReward: Float?
    /// The answer the verifier read from the response; absent when it read none.
    package var prediction: String?
    /// `stop-token`, `stop-string` or `length`.
    package var finish: String
    package var prompt: String
    package var response: String
    /// The response in pieces, one per token; a character that several tokens make is with the last of them.
    package var tokens: [String]
    /// The temperature that each was drawn at.
    package var temperatures: [Float]

    private enum CodingKeys: String, CodingKey {
        case step, version, runs, slot, problem, sample, reward, strictReward = "strict_reward", prediction, finish,
            prompt,
            response, tokens, temperatures
    }

    /// - Parameters:
    ///   - prompt: With the names of control tokens, as the model saw it.
    ///   - bytes: What a token stands for.
    package init(_ group: RolloutGroup, sample: Int, prompt: String, bytes: (TokenID) -> [UInt8]) {
        let rollout = group.rollouts[sample]
        self.step = group.id.step.rawValue
        self.version = group.policyVersion.rawValue
        self.runs =
            rollout.runs.isEmpty ? nil : rollout.runs.runs.map { [$0.version.rawValue, UInt64($0.tokens)] }
        self.slot = group.id.slot
        self.problem = group.problem
        self.sample = sample
        self.reward = rollout.verdict?.reward
        self.strictReward = rollout.verdict?.strictReward
        self.prediction = rollout.verdict?.prediction
        self.finish =
            switch rollout.finish {
            case .stopToken: "stop-token"
            case .stopString: "stop-string"
            case .length: "length"
            }
        self.prompt = prompt
        self.tokens = Self.pieces(rollout.trace.tokens.map(bytes))
        self.response = self.tokens.joined()
        self.temperatures = rollout.trace[.temperature]
    }

    /// Texts whose sequence is that of the bytes; bytes that are no UTF-8 become U+FFFD.
    static func pieces(_ tokens: [[UInt8]]) -> [String] {
        var held: [UInt8] = []
        return tokens.enumerated().map { index, bytes in
            held += bytes
            let end = index == tokens.count - 1 ? held.count : Self.wholeCharacters(held)
            defer { held.removeFirst(end) }
            return String(decoding: held[..<end], as: UTF8.self)
        }
    }

    /// How many of the bytes do not begin a character that further ones may end.
    private static func wholeCharacters(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
            return needed > length ? bytes.count - length : bytes.count
        }
        return bytes.count
    }

    /// The records in a file.
    package static func records(_ lines: Data) throws -> [RolloutRecord] {
        try lines.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(RolloutRecord.self, from: $0) }
    }

    /// The contents of a file: a line per record.
    package static func lines(_ records: [RolloutRecord]) -> Data { JSONLines.data(records) }
}
