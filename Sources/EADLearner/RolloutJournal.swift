import Crypto
package import EADConfiguration
package import EADCore
package import EADFiles
import EADMessages
package import EADProtocol
import EADRuntime

/// The accepted groups that no checkpoint covers yet: one file per step, appended and flushed before a group is
/// acknowledged.
///
/// A record is `[length: UInt32 LE][first 8 bytes of SHA-256][envelope bytes]`: a group under the name of the worker that
/// sent it, or a refusal, under the same name, that throws the group out again. A learner that comes back loads its
/// checkpoint and trains the journalled steps again, which gives the same weights bit for bit, because training is a
/// function of weights and groups.
package final class RolloutJournal {
    private let directory: String
    private let keep: JournalConfiguration.Keep
    /// Of the steps that were appended to.
    private var files: [GlobalStep: OpenStep] = [:]

    private final class OpenStep {
        var file: AppendFile
        init(_ path: String) throws(FileError) { self.file = try AppendFile(path, durability: .disk) }
    }

    /// - Throws: `FileError` when the directory cannot be made.
    package init(directory: String, keep: JournalConfiguration.Keep = .none) throws(FileError) {
        self.directory = directory
        self.keep = keep
        try FileTree.createDirectory(directory, access: .owner)
    }

    /// Appends a group and returns once it is on disk.
    /// - Throws: `FileError` with the system's reason; the group must not be acknowledged then.
    package func append(_ received: ReceivedGroup, run: RunID) throws(FileError) {
        let group = received.group
        try self.append(.rolloutGroup(group), from: received.sender, to: group.id.step, run: run)
    }

    /// Throws a journalled group out, and returns once that is on disk.
    /// - Throws: `FileError` with the system's reason; the group's slot must not be given to anybody else then.
    package func append(_ discarded: DiscardedGroup, run: RunID) throws(FileError) {
        let refusal = GroupAck(lease: discarded.lease, status: .refused, reason: discarded.reason)
        try self.append(.groupAck(refusal), from: discarded.sender, to: discarded.lease.group.step, run: run)
    }

    private func append(
        _ message: Message, from sender: NodeID, to step: GlobalStep, run: RunID
    ) throws(FileError) {
        let body = EnvelopeCodec.encode(
            Envelope(run: run, sender: sender, epoch: Epoch(0), number: 1, message: message))
        var record = withUnsafeBytes(of: UInt32(body.count).littleEndian) { [UInt8]($0) }
        record += SHA256.hash(data: body).prefix(8)
        record += body
        try self.open(step).file.append(record.span.bytes)
    }

    /// Reads the intact records of a step; a torn or damaged tail is cut off, so that appending goes on after the last
    /// intact record.
    /// - Returns: What the step has, and how many bytes were cut.
    /// - Throws: `FileError` when the file cannot be read or cut.
    package func load(_ step: GlobalStep) throws(FileError) -> (held: JournalledStep, cut: Int) {
        self.files[step] = nil
        let path = self.path(of: step)
        let (held, intact, length) = try Self.contents(of: step, path: path)
        if intact < length { try FileTree.truncate(path, to: intact) }
        return (held, length - intact)
    }

    /// Reads the intact records of a step, and leaves the file as it is.
    package static func recorded(_ step: GlobalStep, in directory: String) throws(FileError) -> JournalledStep {
        try Self.contents(of: step, path: RunLayout.journal(of: step, in: directory)).held
    }

    /// - Returns: What the step has, the bytes of its intact records, and those of the file.
    private static func contents(
        of step: GlobalStep, path: String
    ) throws(FileError) -> (held: JournalledStep, intact: Int, length: Int) {
        var held = JournalledStep()
        guard FileTree.exists(path) else { return (held, 0, 0) }
        let data = try FileContents.read(path)
        var offset = 0
        while let (envelope, next) = Self.record(in: data, at: offset), held.append(envelope, of: step) {
            offset = next
        }
        return (held, offset, data.count)
    }

    /// Deletes the files of steps before `step`, unless they are kept: a checkpoint covers them.
    package func discard(before step: GlobalStep) throws(FileError) {
        guard self.keep == .none else { return }
        for known in try self.steps() where known < step { try self.discard(known) }
    }

    /// Deletes the files of the steps from `step` on: they are of a past that is lost.
    package func discard(from step: GlobalStep) throws(FileError) {
        for known in try self.steps() where known >= step { try self.discard(known) }
    }

    /// Deletes the file of a step.
    package func discard(_ step: GlobalStep) throws(FileError) {
        self.files[step] = nil
        try FileTree.deleteFile(self.path(of: step))
    }

    /// The steps that have a file, in order.
    package func steps() throws(FileError) -> [GlobalStep] { try Self.steps(in: self.directory) }

    /// The steps that have a file in a journal's directory, in order.
    package static func steps(in directory: String) throws(FileError) -> [GlobalStep] {
        try FileTree.names(in: directory).compactMap { RunLayout.journalled($0) }.sorted()
    }

    /// Nil as well for a record with a right hash that does not decode: another build wrote it.
    private static func record(in data: [UInt8], at offset: Int) -> (envelope: Envelope, next: Int)? {
        guard offset + 12 <= data.count else { return nil }
        let length = data[offset..<offset + 4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let end = offset + 12 + length
        guard length > 0, end <= data.count else { return nil }
        let body = [UInt8](data[offset + 12..<end])
        guard SHA256.hash(data: body).prefix(8).elementsEqual(data[offset + 4..<offset + 12]) else { return nil }
        // What was accepted under whatever limit has to be read again.
        let limit = max(length, EnvelopeCodec.usualLimit)
        let envelope = try? body.withUnsafeBytes { try EnvelopeCodec.decode($0, limit: limit) }
        return envelope.map { ($0, end) }
    }

    private func open(_ step: GlobalStep) throws(FileError) -> OpenStep {
        if let open = self.files[step] { return open }
        let open = try OpenStep(self.path(of: step))
        self.files[step] = open
        return open
    }

    private func path(of step: GlobalStep) -> String { RunLayout.journal(of: step, in: self.directory) }
}

extension RolloutJournal {
    /// The journal of a learner.
    convenience init(_ context: RoleContext) throws(FileError) {
        try self.init(directory: context.directory.journal, keep: context.configuration.journal.keep)
    }
}

extension JournalledStep {
    /// Takes a record, if it is one of this step and run; any other ends the file.
    fileprivate mutating func append(_ envelope: Envelope, of step: GlobalStep) -> Bool {
        guard let run = envelope.run, self.run == nil || self.run == run else { return false }
        switch envelope.message {
        case .rolloutGroup(let group) where group.id.step == step:
            self.append(ReceivedGroup(group, from: envelope.sender))
        case .groupAck(let refusal) where refusal.status == .refused && refusal.lease.group.step == step:
            self.append(DiscardedGroup(lease: refusal.lease, sender: envelope.sender, reason: refusal.reason))
        default: return false
        }
        self.run = run
        return true
    }
}
