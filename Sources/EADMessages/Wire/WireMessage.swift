import CEADMessages

/// A value with a protobuf message; `Wire` is the generated C structure.
protocol WireMessage {
    associatedtype Wire

    /// The generated `init` function: makes uninitialised memory an empty message.
    static func prepare(_ wire: UnsafeMutablePointer<Wire>)

    /// Writes every field; what it points to is taken from `arena`.
    func fill(_ wire: inout Wire, in arena: borrowing WireArena)

    /// Reads and checks every field.
    init(wire: Wire) throws(DecodeError)
}

extension WireMessage {
    /// Reads a submessage that must be there.
    static func read(_ wire: UnsafeMutablePointer<Wire>?, _ field: String) throws(DecodeError) -> Self {
        guard let wire else { throw DecodeError(.missing, at: field) }
        do { return try Self(wire: wire.pointee) } catch { throw error.inside(field) }
    }

    /// Reads a submessage whose absence means something.
    static func readIfPresent(_ wire: UnsafeMutablePointer<Wire>?, _ field: String) throws(DecodeError) -> Self? {
        wire == nil ? nil : try Self.read(wire, field)
    }

    /// Reads a `repeated` submessage.
    static func read(
        _ wires: UnsafeMutablePointer<UnsafeMutablePointer<Wire>?>?, count: Int, _ field: String
    ) throws(DecodeError) -> [Self] {
        var values: [Self] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            guard let wire = wires?[index] else { throw DecodeError(.missing, at: "\(field)[\(index)]") }
            do { values.append(try Self(wire: wire.pointee)) } catch { throw error.inside("\(field)[\(index)]") }
        }
        return values
    }
}
