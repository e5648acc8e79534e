package import EADCore
import EADFiles
package import EADModels
import Foundation

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

    /// - Parameter keep: at least 1.
    package init(directory: String, keep: Int) {
        precondition(keep >= 1, "the newest checkpoint is always kept")
        self.directory = directory
        self.keep = keep
    }

    /// Makes the directory and clears away what a writer that died has left there; to be called by the writer at its
    /// start.
    package func prepare() throws(CheckpointError) {
        try CheckpointError.writing { () throws(FileError) in
            try FileTree.createDirectory(self.directory, access: .owner)
            for name in try FileTree.names(in: self.directory) {
                let path = self.directory + "/" + name
                switch CheckpointLayout.entry(name) {
                case .temporary: try FileTree.delete(path)
                case .replaced(let step):
                    // The writer died while it replaced a checkpoint: if the new one is not there, the old one counts.
                    if FileTree.exists(self.path(of: step)) {
                        try FileTree.delete(path)
                    } else {
                        try FileTree.rename(path, to: self.path(of: step))
                    }
                case .checkpoint, nil: break
                }
            }
            try FileTree.flushNames(in: self.directory)
        }
    }

    /// Writes a checkpoint, then removes the oldest ones beyond `keep`. It is durable when this returns; when this throws,
    /// the checkpoints before are untouched. Blocks for as long as the disk takes; no copy of all that is saved is made.
    ///
    /// - Parameters:
    ///   - parameters, firstMoments, secondMoments: `[ParameterLayout(state.shape).count]` floats.
    ///   - companions: What makes the checkpoint a model's directory for others.
    @discardableResult
    package func save(
        _ state: CheckpointState, parameters: ByteSource, firstMoments: ByteSource, secondMoments: ByteSource,
        companions: [CompanionFile] = []
    ) throws(CheckpointError) -> Checkpoint {
        let layout = ParameterLayout(state.shape)
        for source in [parameters, firstMoments, secondMoments] {
            precondition(
                source.count == layout.count * MemoryLayout<Float>.stride, "the arrays have one float per parameter")
        }
        try self.requireSpace(12 * layout.count + (4 << 20))
        let place = CheckpointLayout(of: state.step, in: self.directory)
        let tag = UUID().uuidString.prefix(8).lowercased()
        let temporary = place.temporary(tag)
        try CheckpointError.writing { () throws(FileError) in
            try FileTree.createNewDirectory(temporary.path, access: .everyone)
        }
        do throws(CheckpointError) {
            try self.write(state, layout, [parameters, firstMoments, secondMoments], companions, to: temporary)
            try self.publish(temporary, as: place, tag)
        } catch {
            // The first failure is the one to report; what cannot be removed now, `prepare` removes.
            try? FileTree.delete(temporary.path)
            throw error
        }
        let checkpoint = try Checkpoint(path: place.path)
        try self.prune(before: state.step)
        return checkpoint
    }

    private func write(
        _ state: CheckpointState, _ layout: ParameterLayout, _ contents: [ByteSource], _ companions: [CompanionFile],
        to place: CheckpointLayout
    ) throws(CheckpointError) {
        var sums = ""
        func add(_ digest: String, _ name: String) { sums += "\(digest)  \(name)\n" }
        add(
            try Safetensors.write(
                SafetensorsHeader(layout, .f32), [contents[0]], to: place.model),
            CheckpointLayout.model)
        add(
            try Safetensors.write(
                Checkpoint.optimizerHeader(layout), [contents[1], contents[2]], to: place.optimizer),
            CheckpointLayout.optimizer)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let json: Data
        do {
            json = try encoder.encode(state)
        } catch {
            throw CheckpointError(
                .unwritable, place.state, "the state has no JSON form (\(error))", advice: "report this as a defect")
        }
        add(try Self.write(Array(json), to: place.state), CheckpointLayout.state)
        for file in companions { add(try Self.write(file.contents, to: place.place(file.name)), file.name) }
        _ = try Self.write(Array(sums.utf8), to: place.sums)
        try CheckpointError.writing { () throws(FileError) in try FileTree.flushNames(in: place.path) }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(CheckpointError) -> String {
        var writer = try HashingFileWriter(path: path)
        try writer.write(bytes)
        return try writer.finish()
    }

    /// Gives the written directory its name; a checkpoint of that name gives way, and comes back by `prepare` if the
    /// process dies in between.
    private func publish(
        _ temporary: CheckpointLayout, as place: CheckpointLayout, _ tag: String
    ) throws(CheckpointError) {
        try CheckpointError.writing { () throws(FileError) in
            let aside = FileTree.exists(place.path) ? place.replaced(tag) : nil
            if let aside { try FileTree.rename(place.path, to: aside.path) }
            do throws(FileError) {
                try FileTree.rename(temporary.path, to: place.path)
                try FileTree.flushNames(in: self.directory)
            } catch {
                // Back to how it was; if this fails too, `prepare` does it.
                if let aside { try? FileTree.rename(aside.path, to: place.path) }
                throw error
            }
            if let aside { try FileTree.delete(aside.path) }
        }
    }

    /// Removes what is older than the `keep` newest intact checkpoints up to `step`; broken ones are left for the user.
    private func prune(before step: GlobalStep) throws(CheckpointError) {
        var kept = 1
        for known in try self.steps() where known < step {
            guard self.looksIntact(known) else { continue }
            kept += 1
            if kept > self.keep {
                try CheckpointError.writing { () throws(FileError) in try FileTree.delete(self.path(of: known)) }
            }
        }
        try CheckpointError.writing { () throws(FileError) in try FileTree.flushNames(in: self.directory) }
    }

    private func looksIntact(_ step: GlobalStep) -> Bool {
        do throws(CheckpointError) {
            try Checkpoint(path: self.path(of: step)).checkStructure()
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

    /// The newest checkpoint of a model that looks usable, of which only lists and lengths were read; nil when there are none
    /// at all.
    ///
    /// - Throws: `CheckpointError` when there are checkpoints and none can be used, or one is of another model.
    package func promising(_ layout: ParameterLayout) throws(CheckpointError) -> Checkpoint? {
        try self.newest { checkpoint throws(CheckpointError) in
            try checkpoint.require(layout)
            try checkpoint.checkStructure()
        }?.checkpoint
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

    /// The newest checkpoint of a step that is not past another, of which nothing was read yet; nil when there is none.
    package func newest(notPast step: GlobalStep) throws(CheckpointError) -> Checkpoint? {
        guard FileTree.exists(self.directory), let found = try self.steps().first(where: { $0 <= step }) else {
            return nil
        }
        return try Checkpoint(path: self.path(of: found))
    }

    private func newest(_ use: (Checkpoint) throws(CheckpointError) -> Void) throws(CheckpointError) -> Found? {
        guard FileTree.exists(self.directory) else { return nil }
        var broken: [CheckpointError] = []
        for step in try self.steps() {
            do throws(CheckpointError) {
                let checkpoint = try Checkpoint(path: self.path(of: step))
                guard checkpoint.state.step == step else {
                    throw .damaged(checkpoint.path, "it holds step \(checkpoint.state.step)")
                }
                try use(checkpoint)
                return Found(checkpoint: checkpoint, broken: broken)
            } catch {
                // Another model is not damage: older checkpoints would be of another model too.
                guard error.code != .otherModel, error.code != .cancelled else { throw error }
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
    package func path(of step: GlobalStep) -> String { CheckpointLayout(of: step, in: self.directory).path }

    /// The steps of the checkpoints, the newest first.
    private func steps() throws(CheckpointError) -> [GlobalStep] {
        let names: [String]
        do throws(FileError) { names = try FileTree.names(in: self.directory) } catch {
            throw CheckpointError(reading: error)
        }
        return names.compactMap { name in
            guard case .checkpoint(let step) = CheckpointLayout.entry(name) else { return nil }
            return step
        }.sorted(by: >)
    }

    /// Says at once, and with numbers, what the disk would say after a minute of writing.
    private func requireSpace(_ bytes: Int) throws(CheckpointError) {
        let free = try CheckpointError.writing { () throws(FileError) in try FileTree.freeBytes(at: self.directory) }
        guard free >= bytes else {
            throw CheckpointError(
                .diskFull, self.directory, "a checkpoint takes \(bytes >> 20) MiB, \(free >> 20) MiB are free",
                advice: "free space on that file system")
        }
    }
}
