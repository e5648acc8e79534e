package import EADCore
import EADRuntime
package import Foundation

extension RunSnapshot {
    /// Reads the snapshot of an earlier controller; nil when the run is new.
    /// - Throws: `RoleFailure` when the file is damaged or belongs to another configuration.
    package static func load(_ url: URL, configurationHash: [UInt8]) throws(RoleFailure) -> RunSnapshot? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        let snapshot: RunSnapshot
        do {
            snapshot = try JSONDecoder().decode(RunSnapshot.self, from: Data(contentsOf: url))
        } catch {
            throw RoleFailure(.data, "\(url.path) is damaged: \(error). Restore it, or use another run directory")
        }
        guard snapshot.configurationHash == configurationHash.hexadecimal else {
            throw RoleFailure(
                .configuration,
                "\(url.deletingLastPathComponent().path) holds run \(snapshot.run) of another configuration; restore "
                    + "that cluster file (resolved-*.yaml in the directory), or use another run directory")
        }
        return snapshot
    }

    /// Writes the snapshot durably.
    package func save(_ url: URL) throws(RoleFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data: Data
        do { data = try encoder.encode(self) } catch { throw RoleFailure(.software, "cannot encode the run: \(error)") }
        try DurableFile.replace(url, with: data)
    }
}
