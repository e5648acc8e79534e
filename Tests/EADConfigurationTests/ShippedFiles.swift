import EADFiles
import Foundation

@testable import EADConfiguration

/// The cluster files of the repository, and a process's places that are the same everywhere.
enum ShippedFiles {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "cluster")

    static let places = Places(
        base: URL(filePath: "/project/cluster"), home: URL(filePath: "/home/ada"),
        cache: CacheDirectory(caches: nil, home: "/home/ada"))

    static func text(_ name: String) throws -> String {
        try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
    }

    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: Self.directory.path).filter { $0.hasSuffix(".yaml") }
                .sorted()
        }
    }
}

/// Reads a text, or gives the message of what is wrong with it.
func reading(_ text: String) -> Result<ClusterConfiguration, ConfigurationError> {
    Result { () throws(ConfigurationError) in
        try ClusterConfiguration.parse(text, file: "test.yaml", places: ShippedFiles.places)
    }
}

/// The problems of a text, one per line; empty for a valid one.
func problems(_ text: String) -> String {
    switch reading(text) {
    case .success: ""
    case .failure(let error): error.description
    }
}
