import EADCore
import EADEngine
import EADEnvironments
import EADModels
package import EADSampling
import EADTransformer

/// A chat with a model in this process.
package final class LocalChat {
    private let policy: LoadedPolicy
    private let template: ChatTemplate
    private let generator: Generator
    private let sampling: SamplingConfiguration
    private let sampler: Sampler
    private let seed: UInt64
    private let step: GlobalStep
    private var messages: [ChatTemplate.Message]

    /// Loads the model; takes about a second.
    /// - Parameter step: The global step of the schedule; nil for the version of the weights.
    package init(
        model: LocalModel, settings: ChatSettings, sampling: SamplingConfiguration, seed: UInt64, step: UInt64?
    ) throws {
        self.policy = try model.load()
        self.template = try settings.template(self.policy.file, self.policy.tokenizer)
        self.generator = try self.policy.generator(lanes: 1)
        self.sampling = sampling
        self.sampler = Sampler(
            tokenizer: self.policy.tokenizer, prompts: try PromptEncoder(self.policy.tokenizer), training: sampling,
            evaluation: sampling, isGreedyEvaluated: false)
        self.seed = seed
        self.step = GlobalStep(step ?? self.policy.weights.version.rawValue)
        self.messages = settings.system.map { [ChatTemplate.Message(.system, $0)] } ?? []
    }

    /// Says something and gives the reply piece by piece, in whole characters.
    ///
    /// - Throws: `RoleFailure` when the template refuses the conversation, `EngineError` when it is longer than the model's
    ///   context; what was said is then taken back.
    package func say(_ text: String, _ write: (String) -> Void) throws {
        let turn = UInt32(self.messages.count)
        self.messages.append(ChatTemplate.Message(.user, text))
        do {
            let id = GroupID(purpose: .evaluation, step: self.step, slot: turn)
            try self.generator.submit(
                self.sampler.request(
                    id, prompt: self.template.encode(self.messages), problem: turn, samples: 1, seed: self.seed))
            let reply = try self.reply(id, write)
            self.messages.append(ChatTemplate.Message(.assistant, reply))
        } catch {
            self.messages.removeLast()
            throw error
        }
    }

    private func reply(_ id: GroupID, _ write: (String) -> Void) throws -> String {
        var stream = TextStream()
        var seen = 0
        while !self.generator.isIdle {
            let complete = try self.generator.step()
            if let group = complete.first, let sample = group.samples.first {
                let text = self.sampler.text(sample, purpose: .evaluation)
                write(stream.rest(of: text))
                return text
            }
            let tokens = self.generator.tokens(of: id)
            for token in tokens[min(seen, tokens.count)...] where !self.policy.tokenizer.isControl(token) {
                write(stream.add(self.policy.tokenizer.bytes(of: token)))
            }
            seen = tokens.count
        }
        return ""
    }
}

/// Bytes that come in pieces, given on as whole characters.
private struct TextStream {
    private var written: [UInt8] = []
    private var pending: [UInt8] = []

    mutating func add(_ bytes: [UInt8]) -> String {
        self.pending += bytes
        // The longest beginning that does not end within a character.
        var end = self.pending.count
        for back in 1...4 where back <= self.pending.count {
            let byte = self.pending[self.pending.count - back]
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            if length > back { end = self.pending.count - back }
            break
        }
        let whole = Array(self.pending[..<end])
        self.pending.removeFirst(end)
        self.written += whole
        return String(decoding: whole, as: UTF8.self)
    }

    /// What is left to write of a text; nothing if the text is shorter than what was written.
    func rest(of text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.count > self.written.count else { return "" }
        return String(decoding: bytes[self.written.count...], as: UTF8.self)
    }
}
