import CEADMessages

/// The protobuf-c this process runs with.
package enum MessagesLibrary {
    /// Such as `1.4.1`.
    package static var version: String { String(cString: protobuf_c_version()) }
}
