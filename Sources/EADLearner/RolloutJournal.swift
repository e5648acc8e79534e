import Crypto
package import EADCore
import EADMessages
import EADRuntime
package import Foundation
import Glibc

/// The accepted groups that no checkpoint covers yet: one file per step, appended and flushed before a group is
/// acknowledged.
///
/// A record is `[length: UInt32 LE][first 8 bytes of SHA-256][envelope bytes]`. A learner that comes back loads its
/// checkpoint and trains the journalled steps again, which gives the same weights bit for bit, because training is a
/// function of weights and groups.
package final class RolloutJournal {
    private let directory: URL
    private var open: (step: GlobalStep, file: Int32)?

    /// - Throws: `RoleFailure` when the directory cannot be made.
    package init(directory: URL) throws(RoleFailure) {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw RoleFailure(.io, "cannot create \(directory.path): \(error.localizedDescription)")
        }
    }

    deinit { if let open = self.open { close(open.file) } }

    /// Appends a group and returns once it is on disk.
    /// - Throws: `RoleFailure` with the system's reason; the group must not be acknowledged then.
    package func append(_ group: RolloutGroup, run: RunID) throws(RoleFailure) {
        let file = try self.file(of: group.id.step)
        let body = EnvelopeCodec.encode(
            Envelope(run: run, sender: NodeID("journal"), epoch: Epoch(0), number: 1, message: .rolloutGroup(group)))
        var record = Data()
        withUnsafeBytes(of: UInt32(body.count).littleEndian) { record.append(contentsOf: $0) }
        record.append(contentsOf: Array(SHA256.hash(data: body).prefix(8)))
        record.append(contentsOf: body)
        var offset = 0
        while offset < record.count {
            let written = record.withUnsafeBytes { write(file, $0.baseAddress! + offset, record.count - offset) }
            guard written > 0 else { throw self.failure("write", group.id.step) }
            offset += written
        }
        guard fdatasync(file) == 0 else { throw self.failure("flush", group.id.step) }
    }

    /// Reads the intact groups of a step; a torn or damaged tail is cut off, so that appending goes on after the last
    /// intact record.
    /// - Returns: The groups in the order they were accepted, the run they belong to, and how many bytes were cut.
    /// - Throws: `RoleFailure` when the file cannot be read or cut.
    package func load(_ step: GlobalStep) throws(RoleFailure) -> (groups: [RolloutGroup], run: RunID?, cut: Int) {
        let url = self.url(of: step)
        guard FileManager.default.fileExists(atPath: url.path) else { return ([], nil, 0) }
        let data: Data
        do { data = try Data(contentsOf: url) } catch {
            throw RoleFailure(.io, "cannot read \(url.path): \(error.localizedDescription)")
        }
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
        if offset < data.count, truncate(url.path, off_t(offset)) != 0 { throw self.failure("truncate", step) }
        return (groups, run, data.count - offset)
    }

    /// Deletes the files of steps before `step`: a checkpoint covers them.
    package func discard(before step: GlobalStep) throws(RoleFailure) {
        for known in try self.steps() where known < step {
            if self.open?.step == known { self.closeFile() }
            guard unlink(self.url(of: known).path) == 0 else { throw self.failure("delete", known) }
        }
    }

    /// The steps that have a file, in order.
    package func steps() throws(RoleFailure) -> [GlobalStep] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: self.directory.path) } catch {
            throw RoleFailure(.io, "cannot list \(self.directory.path): \(error.localizedDescription)")
        }
        return names.compactMap { name in
            guard name.hasPrefix("step-"), name.hasSuffix(".groups") else { return nil }
            return UInt64(name.dropFirst(5).dropLast(7)).map { GlobalStep($0) }
        }.sorted()
    }

    private static func record(in data: Data, at offset: Int) -> (group: RolloutGroup, run: RunID, next: Int)? {
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

    private func file(of step: GlobalStep) throws(RoleFailure) -> Int32 {
        if let open = self.open, open.step == step { return open.file }
        self.closeFile()
        let path = self.url(of: step).path
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw self.failure("open", step) }
        self.open = (step, file)
        try DurableFile.flushDirectory(self.directory)
        return file
    }

    private func closeFile() {
        if let open = self.open { close(open.file) }
        self.open = nil
    }

    /// The file of a step, such as `step-000012.groups`.
    static func name(of step: GlobalStep) -> String {
        let digits = String(step.rawValue)
        return "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + "\(digits).groups"
    }

    private func url(of step: GlobalStep) -> URL { self.directory.appending(path: Self.name(of: step)) }

    private func failure(_ action: String, _ step: GlobalStep) -> RoleFailure {
        RoleFailure(.io, "cannot \(action) \(self.url(of: step).path): \(String(cString: strerror(errno)))")
    }
}
