import CEADMessages

/// The protobuf-c this process runs with.
public enum MessagesLibrary {
    /// Such as `1.4.1`.
    public static var version: String { String(cString: protobuf_c_version()) }
}
