import EADFiles
import Foundation

/// A directory that lives as long as `body` runs.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.path + "/ead-files-\(UUID().uuidString)"
    try FileTree.createDirectory(directory, access: .owner)
    defer { try? FileManager.default.removeItem(atPath: directory) }  // Nothing depends on its removal.
    try body(directory)
}

/// The permission bits of a file or directory.
func permissions(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

func text(of path: String) throws -> String { String(decoding: try FileContents.read(path), as: UTF8.self) }

extension String {
    var data: [UInt8] { Array(self.utf8) }
}
