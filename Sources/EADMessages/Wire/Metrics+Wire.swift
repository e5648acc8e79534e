import CEADMessages
import EADCore

/// One figure on the wire.
private struct MetricEntry: WireMessage {
    var key: MetricKey
    var value: Double

    init(_ key: MetricKey, _ value: Double) {
        self.key = key
        self.value = value
    }

    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Metric>) { ead__v1__metric__init(wire) }

    func fill(_ wire: inout Ead__V1__Metric, in arena: borrowing WireArena) {
        wire.name = arena.text(self.key.name)
        wire.value = self.value
    }

    init(wire: Ead__V1__Metric) throws(DecodeError) {
        self.init(MetricKey(name: try wire.name.name("name")), try WireField.finite(wire.value, "value"))
    }
}

/// One count on the wire.
private struct CounterEntry: WireMessage {
    var key: MetricKey
    var value: UInt64

    init(_ key: MetricKey, _ value: UInt64) {
        self.key = key
        self.value = value
    }

    static func prepare(_ wire: UnsafeMutablePointer<Ead__V1__Counter>) { ead__v1__counter__init(wire) }

    func fill(_ wire: inout Ead__V1__Counter, in arena: borrowing WireArena) {
        wire.name = arena.text(self.key.name)
        wire.value = self.value
    }

    init(wire: Ead__V1__Counter) throws(DecodeError) {
        self.init(
            MetricKey(name: try wire.name.name("name")),
            try WireField.counter(wire.value, "value", in: 1...WireField.counters.upperBound))
    }
}

extension WireArena {
    /// The two fields of `repeated Metric`.
    func metrics(
        _ values: MetricValues
    ) -> (count: Int, UnsafeMutablePointer<UnsafeMutablePointer<Ead__V1__Metric>?>) {
        (values.count, self.messages(values.map { MetricEntry($0.key, $0.value) }))
    }

    /// The two fields of `repeated Counter`.
    func counters(
        _ counters: MetricCounters
    ) -> (count: Int, UnsafeMutablePointer<UnsafeMutablePointer<Ead__V1__Counter>?>) {
        (counters.count, self.messages(counters.map { CounterEntry($0.key, $0.value) }))
    }
}

extension MetricValues {
    init(
        _ wires: UnsafeMutablePointer<UnsafeMutablePointer<Ead__V1__Metric>?>?, count: Int, _ field: String
    ) throws(DecodeError) {
        self.init()
        for (index, entry) in try MetricEntry.read(wires, count: count, field).enumerated() {
            guard self[entry.key] == nil else { throw DecodeError(.repeated, at: "\(field)[\(index)].name") }
            self[entry.key] = entry.value
        }
    }
}

extension MetricCounters {
    init(
        _ wires: UnsafeMutablePointer<UnsafeMutablePointer<Ead__V1__Counter>?>?, count: Int, _ field: String
    ) throws(DecodeError) {
        self.init()
        for (index, entry) in try CounterEntry.read(wires, count: count, field).enumerated() {
            guard self[entry.key] == 0 else { throw DecodeError(.repeated, at: "\(field)[\(index)].name") }
            self[entry.key] = entry.value
        }
    }
}
