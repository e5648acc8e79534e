package import EADCore
package import EADModels
import Foundation
import Glibc

/// The checkpoints of one run in a directory, one subdirectory `step-000012` each.
///
/// A checkpoint appears whole or not at all: it is written and flushed under a temporary name, then renamed. One process
/// writes; any may read.
package struct CheckpointStore: Sendable {
    package let directory: String
    /// How many checkpoints are kept, the newest.
    package let keep: Int

    /// The newest checkpoint that can be used, and those newer than it that cannot.
    package struct Found: Hashable, Sendable {
        package let checkpoint: Checkpoint
        /// Why newer checkpoints were passed over; to be reported.
        package let broken: [CheckpointError]
    }

    private static let prefix = "step-"
    private static let temporaryMark = ".tmp-"
    private static let replacedMark = ".old-"

    /// - Parameter keep: at least 1.
    package init(directory: String, keep: Int) {
        precondition(keep >= 1, "the newest checkpoint is always kept")
        self.directory = directory
        self.keep = keep
    }

    /// Makes the directory and clears away what a writer that died has left there; to be called by the writer at its
    /// start.
    package func prepare() throws(CheckpointError) {
        try self.perform(self.directory) {
            try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        }
        for name in try self.names() where name.hasPrefix(Self.prefix) {
            if name.contains(Self.temporaryMark) {
                try self.remove(name)
            } else if let mark = name.range(of: Self.replacedMark) {
                // The writer died while it replaced a checkpoint: if the new one is not there, the old one counts.
                let original = String(name[..<mark.lowerBound])
                if FileManager.default.fileExists(atPath: self.path(original)) {
                    try self.remove(name)
                } else {
                    try self.rename(name, to: original)
                }
            }
        }
        try self.synchronize(self.directory)
    }

    /// Writes a checkpoint, then removes the oldest ones beyond `keep`. It is durable when this returns; when this throws,
    /// the checkpoints before are untouched. Blocks for as long as the disk takes; no copy of the buffers is made.
    ///
    /// - Parameters:
    ///   - parameters, firstMoments, secondMoments: `[ParameterLayout(state.shape).count]`.
    @discardableResult
    package func save(
        _ state: CheckpointState, parameters: UnsafeBufferPointer<Float>, firstMoments: UnsafeBufferPointer<Float>,
        secondMoments: UnsafeBufferPointer<Float>
    ) throws(CheckpointError) -> Checkpoint {
        let layout = ParameterLayout(state.shape)
        for buffer in [parameters, firstMoments, secondMoments] {
            precondition(buffer.count == layout.count, "the buffers have one element per parameter")
        }
        try self.requireSpace(12 * layout.count + (4 << 20))
        let name = Self.name(state.step)
        let temporary = name + Self.temporaryMark + UUID().uuidString.prefix(8).lowercased()
        let path = self.path(temporary)
        guard mkdir(path, 0o755) == 0 else { throw .writing(path, errno) }
        do throws(CheckpointError) {
            try self.write(state, layout, [parameters, firstMoments, secondMoments], to: path)
            try self.publish(temporary, as: name)
        } catch {
            // The first failure is the one to report; what cannot be removed now, `prepare` removes.
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
        let checkpoint = try Checkpoint(path: self.path(name))
        try self.prune(before: state.step)
        return checkpoint
    }

    private func write(
        _ state: CheckpointState, _ layout: ParameterLayout, _ buffers: [UnsafeBufferPointer<Float>], to path: String
    ) throws(CheckpointError) {
        var sums = ""
        func add(_ digest: String, _ name: String) { sums += "\(digest)  \(name)\n" }
        let contents = buffers.map { UnsafeRawBufferPointer($0) }
        add(
            try Safetensors.write(
                SafetensorsHeader(Safetensors.tensors(layout, .f32)), [contents[0]],
                to: path + "/" + Checkpoint.modelFile),
            Checkpoint.modelFile)
        add(
            try Safetensors.write(
                Checkpoint.optimizerHeader(layout), [contents[1], contents[2]],
                to: path + "/" + Checkpoint.optimizerFile),
            Checkpoint.optimizerFile)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json: Data
        do {
            json = try encoder.encode(state)
        } catch {
            throw CheckpointError(
                .unwritable, path, "the state has no JSON form (\(error))", advice: "report this as a defect")
        }
        add(try Self.write(Array(json), to: path + "/" + Checkpoint.stateFile), Checkpoint.stateFile)
        _ = try Self.write(Array(sums.utf8), to: path + "/" + Checkpoint.sumsFile)
        try self.synchronize(path)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) -> String {
        var writer = try HashingFileWriter(path: path)
        try writer.write(bytes)
        return try writer.finish()
    }

    /// Gives the written directory its name; a checkpoint of that name gives way, and comes back by `prepare` if the
    /// process dies in between.
    private func publish(_ temporary: String, as name: String) throws(CheckpointError) {
        var replaced: String?
        if FileManager.default.fileExists(atPath: self.path(name)) {
            let aside = name + Self.replacedMark + UUID().uuidString.prefix(8).lowercased()
            try self.rename(name, to: aside)
            replaced = aside
        }
        do throws(CheckpointError) {
            try self.rename(temporary, to: name)
            try self.synchronize(self.directory)
        } catch {
            // Back to how it was; if this fails too, `prepare` does it.
            if let replaced { try? self.rename(replaced, to: name) }
            throw error
        }
        if let replaced { try self.remove(replaced) }
    }

    /// Removes what is older than the `keep` newest intact checkpoints up to `step`; broken ones are left for the user.
    private func prune(before step: GlobalStep) throws(CheckpointError) {
        var kept = 1
        for (number, name) in try self.steps() where number < step.rawValue {
            guard self.looksIntact(name) else { continue }
            kept += 1
            if kept > self.keep { try self.remove(name) }
        }
        try self.synchronize(self.directory)
    }

    private func looksIntact(_ name: String) -> Bool {
        do throws(CheckpointError) {
            try Checkpoint(path: self.path(name)).checkStructure()
            return true
        } catch {
            return false
        }
    }

    /// The newest checkpoint of which every byte is as it was written; nil when there are none at all.
    ///
    /// - Throws: `CheckpointError` when there are checkpoints and none can be used.
    package func latest() throws(CheckpointError) -> Found? {
        try self.newest { checkpoint throws(CheckpointError) in try checkpoint.verify() }
    }

    /// Reads the newest checkpoint that can be used into the buffers; nil when there are none at all.
    ///
    /// - Parameters:
    ///   - layout: that of the model to be restored.
    ///   - parameters, firstMoments, secondMoments: `[layout.count]`; undefined unless a checkpoint is returned.
    /// - Throws: `CheckpointError` when there are checkpoints and none can be used, or one is of another model.
    package func restore(
        _ layout: ParameterLayout, parameters: UnsafeMutableBufferPointer<Float>,
        firstMoments: UnsafeMutableBufferPointer<Float>,
        secondMoments: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) -> Found? {
        try self.newest { checkpoint throws(CheckpointError) in
            try checkpoint.readParameters(layout, into: parameters)
            try checkpoint.readMoments(layout, first: firstMoments, second: secondMoments)
        }
    }

    private func newest(_ use: (Checkpoint) throws(CheckpointError) -> Void) throws(CheckpointError) -> Found? {
        guard FileManager.default.fileExists(atPath: self.directory) else { return nil }
        var broken: [CheckpointError] = []
        for (number, name) in try self.steps() {
            do throws(CheckpointError) {
                let checkpoint = try Checkpoint(path: self.path(name))
                guard checkpoint.state.step.rawValue == number else {
                    throw .damaged(checkpoint.path, "it holds step \(checkpoint.state.step)")
                }
                try use(checkpoint)
                return Found(checkpoint: checkpoint, broken: broken)
            } catch {
                // Another model is not damage: older checkpoints would be of another model too.
                guard error.code != .otherModel else { throw error }
                broken.append(error)
            }
        }
        guard let first = broken.first else { return nil }
        throw CheckpointError(
            .damaged, self.directory, "none of its \(broken.count) checkpoints can be used; of the newest: \(first)",
            advice: "restore one from a backup, or begin again with an empty directory")
    }

    // MARK: - The directory

    /// Where the checkpoint of that step is, once it is written.
    package func path(of step: GlobalStep) -> String { self.path(Self.name(step)) }

    private func path(_ name: String) -> String { self.directory + "/" + name }

    /// `step-000012`: at least six digits, so that a listing is in order.
    private static func name(_ step: GlobalStep) -> String {
        let digits = String(step.rawValue)
        return Self.prefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    /// The checkpoints by name, the newest first.
    private func steps() throws(CheckpointError) -> [(number: UInt64, name: String)] {
        try self.names().compactMap { name in
            guard name.hasPrefix(Self.prefix), let number = UInt64(name.dropFirst(Self.prefix.count)),
                Self.name(GlobalStep(number)) == name
            else { return nil }
            return (number, name)
        }.sorted { $0.number > $1.number }
    }

    private func names() throws(CheckpointError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: self.directory)
        } catch {
            throw CheckpointError(
                .unreadable, self.directory, "it cannot be listed (\(error))",
                advice: "check the path and its permissions")
        }
    }

    private func remove(_ name: String) throws(CheckpointError) {
        try self.perform(self.path(name)) { try FileManager.default.removeItem(atPath: self.path(name)) }
    }

    private func rename(_ name: String, to other: String) throws(CheckpointError) {
        guard Glibc.rename(self.path(name), self.path(other)) == 0 else { throw .writing(self.path(other), errno) }
    }

    private func perform(_ path: String, _ change: () throws -> Void) throws(CheckpointError) {
        do {
            try change()
        } catch {
            throw CheckpointError(
                .unwritable, path, "\(error)", advice: "check the path and its permissions")
        }
    }

    /// Makes the names in a directory durable.
    private func synchronize(_ path: String) throws(CheckpointError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .writing(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .writing(path, errno) }
    }

    /// Says at once, and with numbers, what the disk would say after a minute of writing.
    private func requireSpace(_ bytes: Int) throws(CheckpointError) {
        var status = statvfs()
        guard statvfs(self.directory, &status) == 0 else { throw .writing(self.directory, errno) }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        guard free >= UInt64(bytes) else {
            throw CheckpointError(
                .diskFull, self.directory, "a checkpoint takes \(bytes >> 20) MiB, \(free >> 20) MiB are free",
                advice: "free space on that file system")
        }
    }
}
