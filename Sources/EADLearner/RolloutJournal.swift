import Crypto
package import EADCore
package import EADFiles
import EADMessages

/// The accepted groups that no checkpoint covers yet: one file per step, appended and flushed before a group is
/// acknowledged.
///
/// A record is `[length: UInt32 LE][first 8 bytes of SHA-256][envelope bytes]`. A learner that comes back loads its
/// checkpoint and trains the journalled steps again, which gives the same weights bit for bit, because training is a
/// function of weights and groups.
package final class RolloutJournal {
    private let directory: String
    private var step: GlobalStep?
    /// The file of `step`.
    private var file: AppendFile?

    /// - Throws: `FileError` when the directory cannot be made.
    package init(directory: String) throws(FileError) {
        self.directory = directory
        try FileTree.createDirectory(directory, access: .owner)
    }

    /// Appends a group and returns once it is on disk.
    /// - Throws: `FileError` with the system's reason; the group must not be acknowledged then.
    package func append(_ group: RolloutGroup, run: RunID) throws(FileError) {
        let body = EnvelopeCodec.encode(
            Envelope(run: run, sender: NodeID("journal"), epoch: Epoch(0), number: 1, message: .rolloutGroup(group)))
        var record = withUnsafeBytes(of: UInt32(body.count).littleEndian) { [UInt8]($0) }
        record += SHA256.hash(data: body).prefix(8)
        record += body
        try self.open(group.id.step)
        try self.file?.append(record.span.bytes)
    }

    /// Reads the intact groups of a step; a torn or damaged tail is cut off, so that appending goes on after the last
    /// intact record.
    /// - Returns: The groups in the order they were accepted, the run they belong to, and how many bytes were cut.
    /// - Throws: `FileError` when the file cannot be read or cut.
    package func load(_ step: GlobalStep) throws(FileError) -> (groups: [RolloutGroup], run: RunID?, cut: Int) {
        self.close(step)
        let path = self.path(of: step)
        guard FileTree.exists(path) else { return ([], nil, 0) }
        let data = try FileContents.read(path)
        var groups: [RolloutGroup] = []
        var run: RunID?
        var offset = 0
        while let record = Self.record(in: data, at: offset), record.group.id.step == step,
            run == nil || record.run == run
        {
            groups.append(record.group)
            run = record.run
            offset = record.next
        }
        if offset < data.count { try FileTree.truncate(path, to: offset) }
        return (groups, run, data.count - offset)
    }

    /// Deletes the files of steps before `step`: a checkpoint covers them.
    package func discard(before step: GlobalStep) throws(FileError) {
        for known in try self.steps() where known < step {
            self.close(known)
            try FileTree.deleteFile(self.path(of: known))
        }
    }

    /// The steps that have a file, in order.
    package func steps() throws(FileError) -> [GlobalStep] {
        try FileTree.names(in: self.directory).compactMap { RunLayout.journalled($0) }.sorted()
    }

    private static func record(in data: [UInt8], at offset: Int) -> (group: RolloutGroup, run: RunID, next: Int)? {
        guard offset + 12 <= data.count else { return nil }
        let length = data[offset..<offset + 4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let end = offset + 12 + length
        guard length > 0, end <= data.count else { return nil }
        let body = [UInt8](data[offset + 12..<end])
        guard SHA256.hash(data: body).prefix(8).elementsEqual(data[offset + 4..<offset + 12]) else { return nil }
        // A record with a right hash that does not decode was written by another build; it ends the file as well.
        guard let envelope = try? EnvelopeCodec.decode(body), let run = envelope.run,
            case .rolloutGroup(let group) = envelope.message
        else { return nil }
        return (group, run, end)
    }

    private func open(_ step: GlobalStep) throws(FileError) {
        guard self.step != step else { return }
        self.file = nil
        self.step = nil
        self.file = try AppendFile(self.path(of: step), durability: .disk)
        self.step = step
    }

    private func close(_ step: GlobalStep) {
        guard self.step == step else { return }
        self.file = nil
        self.step = nil
    }

    private func path(of step: GlobalStep) -> String { RunLayout.journal(of: step, in: self.directory) }
}
