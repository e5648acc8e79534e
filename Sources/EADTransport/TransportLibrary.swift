import CZMQ

/// The libzmq this process runs with.
package enum TransportLibrary {
    /// Such as `4.3.4`.
    package static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it can encrypt connections.
    package static var hasCurve: Bool { zmq_has("curve") == 1 }
}
