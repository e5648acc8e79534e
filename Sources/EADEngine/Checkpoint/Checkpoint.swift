package import EADCore
import EADFiles
package import EADModels
import Foundation

/// What a checkpoint says about the run, besides weights and moments.
package struct CheckpointState: Hashable, Sendable, Codable {
    /// The step that comes next: this many steps are trained.
    package var step: GlobalStep
    /// Updates that the optimizer has made: the t of its bias correction.
    package var updates: UInt64
    package var run: RunID
    package var configurationHash: String
    package var shape: ModelShape
    /// Whatever else the learner needs to go on exactly where it was.
    package var notes: [String: String]

    package init(
        step: GlobalStep, updates: UInt64, run: RunID, configurationHash: String, shape: ModelShape,
        notes: [String: String] = [:]
    ) {
        self.step = step
        self.updates = updates
        self.run = run
        self.configurationHash = configurationHash
        self.shape = shape
        self.notes = notes
    }
}

/// A complete checkpoint: a directory with the files of `CheckpointLayout`, weights and moments in 32 bits.
package struct Checkpoint: Hashable, Sendable {
    private let files: CheckpointLayout
    package let state: CheckpointState
    private let digests: [String: String]

    static let firstMomentPrefix = "exp_avg."
    static let secondMomentPrefix = "exp_avg_sq."

    /// The list of digests and the state are small; anything larger is not what was written.
    private static let largestText = 16 << 20

    package var path: String { self.files.path }

    /// SHA-256 of the file of weights, in hexadecimal.
    package var modelDigest: String { self.digests[CheckpointLayout.model] ?? "" }

    /// Opens a checkpoint and verifies its list of files and its state, not yet its tensors.
    ///
    /// - Throws: `CheckpointError`.
    package init(path: String) throws(CheckpointError) {
        let files = CheckpointLayout(path)
        let sums = try Self.text(files.sums)
        self.files = files
        self.digests = try Self.parse(sums.contents, files.sums)
        let text = try Self.text(files.state)
        guard text.digest == self.digests[CheckpointLayout.state] else {
            throw .damaged(files.state, "its hash is not the one in \(CheckpointLayout.sums)")
        }
        do {
            self.state = try JSONDecoder().decode(CheckpointState.self, from: Data(text.contents))
        } catch {
            throw .damaged(files.state, "it does not describe a checkpoint (\(error))")
        }
    }

    private static func text(_ path: String) throws(CheckpointError) -> (contents: [UInt8], digest: String) {
        var reader = try HashingFileReader(path: path)
        guard reader.length <= Self.largestText else { throw .damaged(path, "it is \(reader.length) bytes long") }
        let contents = try reader.read(reader.length)
        return (contents, reader.finish())
    }

    private static func parse(_ text: [UInt8], _ path: String) throws(CheckpointError) -> [String: String] {
        var digests: [String: String] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].utf8.count == 64 else { throw .damaged(path, "it is no list of hashes") }
            digests[String(parts[1])] = String(parts[0])
        }
        guard digests.keys.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "/")) }),
            [CheckpointLayout.model, CheckpointLayout.optimizer, CheckpointLayout.state]
                .allSatisfy({ digests[$0] != nil })
        else { throw .damaged(path, "it does not list the files of a checkpoint") }
        return digests
    }

    /// Reads the weights and verifies their hash.
    ///
    /// - Parameters:
    ///   - layout: that of the model to be restored.
    ///   - parameters: `[layout.count]`; undefined when this throws.
    package func readParameters(
        _ layout: ParameterLayout, into parameters: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) {
        precondition(parameters.count == layout.count, "the buffer has one element per parameter")
        try self.require(layout)
        try self.verify(CheckpointLayout.model) { path throws(CheckpointError) in
            try Safetensors.read(
                path, expecting: SafetensorsHeader(layout, .f32),
                into: [UnsafeMutableRawBufferPointer(parameters)])
        }
    }

    /// Reads the optimizer's moments and verifies their hash.
    ///
    /// - Parameters:
    ///   - layout: that of the model to be restored.
    ///   - firstMoments, secondMoments: `[layout.count]`; undefined when this throws.
    package func readMoments(
        _ layout: ParameterLayout, first firstMoments: UnsafeMutableBufferPointer<Float>,
        second secondMoments: UnsafeMutableBufferPointer<Float>
    ) throws(CheckpointError) {
        for moments in [firstMoments, secondMoments] {
            precondition(moments.count == layout.count, "the buffers have one element per parameter")
        }
        try self.require(layout)
        try self.verify(CheckpointLayout.optimizer) { path throws(CheckpointError) in
            try Safetensors.read(
                path, expecting: Self.optimizerHeader(layout),
                into: [UnsafeMutableRawBufferPointer(firstMoments), UnsafeMutableRawBufferPointer(secondMoments)])
        }
    }

    /// Compares every byte with the hashes, and keeps nothing of them.
    package func verify() throws(CheckpointError) {
        for name in self.digests.keys.sorted() where name != CheckpointLayout.state {
            try self.verify(name) { path throws(CheckpointError) in
                var reader = try HashingFileReader(path: path)
                try reader.skipRest()
                return reader.finish()
            }
        }
    }

    static func optimizerHeader(_ layout: ParameterLayout) -> SafetensorsHeader {
        SafetensorsHeader(layout, .f32, prefixes: [Self.firstMomentPrefix, Self.secondMomentPrefix])
    }

    /// Checks what can be checked without reading the tensors: that their files are there and as long as they say.
    func checkStructure() throws(CheckpointError) {
        for name in [CheckpointLayout.model, CheckpointLayout.optimizer] {
            var reader = try HashingFileReader(path: self.files.place(name))
            _ = try Safetensors.header(&reader, path: self.files.place(name))
        }
    }

    /// Checks that it is of the model with that layout.
    func require(_ layout: ParameterLayout) throws(CheckpointError) {
        guard self.state.shape == layout.shape else {
            throw CheckpointError(
                .otherModel, self.path, "holds a model of another shape (\(self.state.shape))",
                advice: "use a checkpoint of this model")
        }
    }

    private func verify(
        _ name: String, _ read: (String) throws(CheckpointError) -> String
    ) throws(CheckpointError) {
        let path = self.files.place(name)
        let digest = try read(path)
        guard digest == self.digests[name] else {
            throw .damaged(path, "its hash is not the one in \(CheckpointLayout.sums)")
        }
    }
}
