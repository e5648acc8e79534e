package import EADCore
package import EADFiles
import Foundation

/// A file of events as TensorBoard reads them.
///
/// A record is its length, a checksum of that, the event, and a checksum of it. A torn last record is passed over by readers.
package struct EventFile: ~Copyable {
    private var file: AppendFile

    /// Begins a file in a directory, in the place of those that earlier processes left there.
    /// - Parameters:
    ///   - host: Part of the file's name, as is `process`.
    ///   - time: Seconds since 1970.
    package init(directory: String, host: String, process: UInt32, time: Double) throws(FileError) {
        try FileTree.createDirectory(directory, access: .owner)
        let name = "events.out.tfevents."
        for old in try FileTree.names(in: directory) where old.hasPrefix(name) {
            try FileTree.deleteFile("\(directory)/\(old)")
        }
        let digits = String(UInt64(max(0, time)))
        let seconds = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        let plain = String(host.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "_" })
        var file = try AppendFile("\(directory)/\(name)\(seconds).\(plain).\(process).0", durability: .process)
        var first = Self.event(time: time)
        first.add(3, "brain.Event:2")
        // Whoever watched an earlier file drops what it said: all of it is said again.
        var session = ProtobufFields()
        session.add(1, 1 as UInt64)
        var start = Self.event(time: time)
        start.add(2, 0 as UInt64)
        start.add(7, session)
        try file.append(Self.encoded([first, start]).span.bytes)
        self.file = file
    }

    package var path: String { self.file.path }

    /// Writes the figures of a record; nothing for one that has none.
    package mutating func append(_ record: RunRecord) throws(FileError) {
        try self.append([record].compactMap(Self.event))
    }

    /// The same of many, at once.
    package mutating func append(_ records: [RunRecord]) throws(FileError) {
        try self.append(records.compactMap(Self.event))
    }

    /// Writes a text, such as a response.
    package mutating func append(
        text: String, tag: String, step: GlobalStep, time: Double
    ) throws(FileError) {
        var plugin = ProtobufFields()
        plugin.add(1, "text")
        var metadata = ProtobufFields()
        metadata.add(1, plugin)
        var tensor = ProtobufFields()
        // A scalar of strings: a shape without dimensions.
        tensor.add(1, 7 as UInt64)
        tensor.add(2, ProtobufFields())
        tensor.add(8, text)
        var value = ProtobufFields()
        value.add(1, tag)
        value.add(9, metadata)
        value.add(8, tensor)
        try self.append([Self.event(time: time, step: step, [value])])
    }

    /// Writes how often values lie in each of so many equal parts of their range.
    package mutating func append(
        histogram values: [Double], tag: String, step: GlobalStep, time: Double, parts: Int = 30
    ) throws(FileError) {
        guard let low = values.min(), let high = values.max() else { return }
        let width = (high - low) / Double(parts)
        let count = width > 0 ? parts : 1
        var buckets = [Double](repeating: 0, count: count)
        for value in values { buckets[width > 0 ? min(count - 1, Int((value - low) / width)) : 0] += 1 }
        var histogram = ProtobufFields()
        histogram.add(1, low)
        histogram.add(2, high)
        histogram.add(3, Double(values.count))
        histogram.add(4, values.reduce(0, +))
        histogram.add(5, values.reduce(0) { $0 + $1 * $1 })
        // The upper end of each; the last reaches as far as there are values.
        histogram.add(6, (1...count).map { $0 == count ? high : low + Double($0) * width })
        histogram.add(7, buckets)
        var value = ProtobufFields()
        value.add(1, tag)
        value.add(5, histogram)
        try self.append([Self.event(time: time, step: step, [value])])
    }

    // MARK: Events

    private static func event(time: Double) -> ProtobufFields {
        var event = ProtobufFields()
        event.add(1, time)
        return event
    }

    private static func event(time: Double, step: GlobalStep, _ values: [ProtobufFields]) -> ProtobufFields {
        var summary = ProtobufFields()
        for value in values { summary.add(1, value) }
        var event = Self.event(time: time)
        event.add(2, step.rawValue)
        event.add(5, summary)
        return event
    }

    private static func event(_ record: RunRecord) -> ProtobufFields? {
        let scope: MetricGroup.Scope
        switch record.kind {
        case .step: scope = .step
        case .evaluation: scope = .evaluation
        case .event: return nil
        }
        let values = record.values.keys.sorted().map { key in
            var value = ProtobufFields()
            value.add(1, Self.tag(of: key, in: scope))
            value.add(2, Float(record.values[key] ?? .nan))
            return value
        }
        return values.isEmpty ? nil : Self.event(time: record.time, step: record.step, values)
    }

    /// `rewards/reward`: its group in the catalogue, which is its place in docs/metrics.md, and its name.
    static func tag(of key: MetricKey, in scope: MetricGroup.Scope) -> String {
        let base = ["_low", "_high"].first { key.name.hasSuffix($0) }.map { String(key.name.dropLast($0.count)) }
        let metric =
            MetricCatalogue.metric(key, in: scope)
            ?? base.flatMap { MetricCatalogue.metric(MetricKey(name: $0), in: scope) }
        return "\(metric?.group.rawValue ?? "other")/\(key.name)"
    }

    private mutating func append(_ events: [ProtobufFields]) throws(FileError) {
        guard !events.isEmpty else { return }
        try self.file.append(Self.encoded(events).span.bytes)
    }

    private static func encoded(_ events: [ProtobufFields]) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events {
            let length = withUnsafeBytes(of: UInt64(event.bytes.count).littleEndian) { Array($0) }
            for part in [length, event.bytes] {
                bytes += part
                withUnsafeBytes(of: MaskedChecksum.masked(part).littleEndian) { bytes += $0 }
            }
        }
        return bytes
    }
}
