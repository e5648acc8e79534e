import Crypto
import EADConfiguration
import EADCore
import EADFiles
import EADLearner
import EADMessages
import EADModels
import EADPolicyDelta
import EADProtocol
import EADTemplates
import Foundation

/// A reader of bytes from outside, and what must hold of whatever it makes of them.
///
/// Bytes that are refused are fine; a trap, a report of the sanitizer, a hang, memory without bound or a broken promise of
/// the reader is a finding.
enum FuzzTarget: String, CaseIterable {
    case envelope
    case journal
    case gguf
    case safetensors
    case cluster
    case json
    case template
    case delta

    func read(_ bytes: [UInt8]) {
        switch self {
        case .envelope: Self.readEnvelope(bytes)
        case .journal: Self.readJournal(bytes)
        case .gguf: Self.readModel(bytes)
        case .safetensors: Self.readSafetensors(bytes)
        case .cluster: Self.readCluster(bytes)
        case .json: Self.readJSON(bytes)
        case .template: Self.readTemplate(bytes)
        case .delta: Self.readDelta(bytes)
        }
    }

    // MARK: Messages

    /// What was decoded is encoded so that it decodes to the same.
    private static func readEnvelope(_ bytes: [UInt8]) {
        guard let envelope = try? EnvelopeCodec.decode(bytes) else { return }
        let again = try? EnvelopeCodec.decode(EnvelopeCodec.encode(envelope))
        precondition(again == envelope, "an envelope is another one after a round trip")
    }

    /// The first byte chooses between a file as it is and records whose hashes are right: nobody finds those by chance.
    ///
    /// What was intact stays, and nothing is cut twice.
    private static func readJournal(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let directory = Self.scratch + "/journal"
        try? FileTree.delete(directory)
        do {
            let journal = try RolloutJournal(directory: directory)
            let step = GlobalStep(3)
            var file = Array(bytes.dropFirst())
            if first & 1 == 1 { file = Self.records(file) }
            let path = RunLayout.journal(of: step, in: directory)
            try DurableFile.replace(path, with: file.span.bytes)
            let held = try journal.load(step).held
            let again = try journal.load(step)
            precondition(again.cut == 0, "what was left of a journal is cut again")
            precondition(again.held.groups.count == held.groups.count, "a journal is another one the second time")
        } catch {
            preconditionFailure("a journal cannot be read: \(error)")
        }
    }

    /// Records with right hashes around pieces of the bytes, each after its length in two bytes.
    private static func records(_ bytes: [UInt8]) -> [UInt8] {
        var rest = bytes[...]
        var file: [UInt8] = []
        while rest.count > 2 {
            let length = rest.prefix(2).reversed().reduce(0) { $0 << 8 | Int($1) }
            let body = rest.dropFirst(2).prefix(length)
            rest = rest.dropFirst(2 + body.count)
            file += withUnsafeBytes(of: UInt32(body.count).littleEndian) { [UInt8]($0) }
            file += SHA256.hash(data: Array(body)).prefix(8)
            file += body
        }
        return file
    }

    // MARK: Models

    /// Every parameter of a model that was opened can be read, and its tokenizer speaks.
    private static func readModel(_ bytes: [UInt8]) {
        let path = Self.scratch + "/model.gguf"
        do { try DurableFile.replace(path, with: bytes.span.bytes) } catch { preconditionFailure("\(error)") }
        guard let file = try? ModelFile(path: path) else { return }
        if file.layout.count < 1 << 20 {
            var parameters = [Float](repeating: 0, count: file.layout.count)
            try? parameters.withUnsafeMutableBufferPointer { try file.readParameters(into: $0) }
        }
        guard let tokenizer = try? Tokenizer(file) else { return }
        let tokens = tokenizer.encode("Tom has 3 apples.\n Żółć <|im_end|>")
        _ = tokenizer.decode(tokens)
    }

    /// The first three bytes say how much data follow the header.
    private static func readSafetensors(_ bytes: [UInt8]) {
        guard bytes.count > 3 else { return }
        let size = bytes.prefix(3).reduce(0) { $0 << 8 | Int($1) }
        guard let header = try? SafetensorsHeader(json: Array(bytes.dropFirst(3)), dataSize: size) else { return }
        precondition(header.dataSize == size, "tensors do not fill a file that was taken")
    }

    /// The first byte says how long a chunk is: a delta changes nothing beyond it.
    private static func readDelta(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let delta = Array(bytes.dropFirst())
        let words = 1 + Int(first)
        let codec = DeltaCodec(chunkBytes: 2 * words)
        var chunk = [UInt8](repeating: 0x3f, count: 2 * words)
        delta.withUnsafeBytes { delta in
            let blocks = (try? DeltaCodec.blocks(of: delta, count: 2)) ?? [0..<delta.count]
            for block in blocks {
                chunk.withUnsafeMutableBytes { chunk in
                    try? codec.apply(UnsafeRawBufferPointer(rebasing: delta[block]), to: chunk)
                }
            }
        }
    }

    // MARK: Texts

    /// A file that is taken says the same after it was written as the resolved file.
    private static func readCluster(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let places = Places(file: "/etc/ead/cluster.yaml")
        guard let configuration = try? ClusterConfiguration.parse(text, file: "cluster.yaml", places: places) else {
            return
        }
        do {
            let again = try ClusterConfiguration.parse(
                configuration.resolvedYAML(), file: "resolved.yaml", places: places)
            precondition(again.sharedLines == configuration.sharedLines, "a resolved file says something else")
        } catch {
            preconditionFailure("a resolved file is not taken: \(error)")
        }
    }

    private static func readJSON(_ bytes: [UInt8]) {
        guard let value = bytes.withUnsafeBytes({ try? JSONReader.value(of: $0) }) else { return }
        let again = try? JSONReader.value(of: value.description)
        precondition(again?.description == value.description, "JSON is another value after a round trip")
    }

    private static func readTemplate(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self), let template = try? Template(text) else { return }
        let messages = #"[{"role": "system", "content": "be brief"}, {"role": "user", "content": "1 + 1 = ?"}]"#
        guard let json = try? JSONReader.value(of: messages) else { return }
        _ = try? template.render(
            ["messages": TemplateValue(json, isOutside: true), "add_generation_prompt": .flag(true)],
            date: CalendarDate(year: 2026, month: 11, day: 26), limits: Template.Limits(steps: 20_000, output: 1 << 16))
    }

    /// In memory, and of this process alone.
    private static let scratch: String = {
        let path = "/dev/shm/ead-fuzz-\(getpid())"
        do { try FileTree.createDirectory(path, access: .owner) } catch { preconditionFailure("\(error)") }
        return path
    }()
}
