package import EADCore
import EADFiles
package import EADMessages
import EADRuntime
import Foundation

extension RunSnapshot {
    /// Reads the snapshot of an earlier controller; nil when the run is new.
    /// - Parameter refusal: Why a run of another configuration is not resumed, given what holds it.
    /// - Throws: `RoleFailure` when the file is damaged or belongs to another configuration, or to other problems.
    package static func load(
        _ path: String, configurationHash: [UInt8], problems: SharedContent, refusal: (String) -> RoleFailure
    ) throws(RoleFailure) -> RunSnapshot? {
        guard FileTree.exists(path) else { return nil }
        let contents: [UInt8]
        do throws(FileError) { contents = try FileContents.read(path) } catch { throw RoleFailure(error) }
        let snapshot: RunSnapshot
        do {
            snapshot = try JSONDecoder().decode(RunSnapshot.self, from: Data(contents))
        } catch {
            throw RoleFailure(.data, "\(path) is damaged: \(error). Restore it, or use another run directory")
        }
        guard snapshot.configurationHash == configurationHash.hexadecimal else {
            throw refusal("run \(snapshot.run) in \(FileTree.directory(of: path))")
        }
        guard snapshot.contents[problems.name, default: problems.hash.hexadecimal] == problems.hash.hexadecimal else {
            throw RoleFailure(
                .configuration,
                "\(FileTree.directory(of: path)) holds run \(snapshot.run) with other problems: the file at task.path has "
                    + "changed since it began. Restore that file, or use another run directory")
        }
        return snapshot
    }

    /// Writes the snapshot durably.
    package func save(_ path: String) throws(RoleFailure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data: Data
        do { data = try encoder.encode(self) } catch { throw RoleFailure(.software, "cannot encode the run: \(error)") }
        do throws(FileError) { try DurableFile.replace(path, with: data.bytes) } catch { throw RoleFailure(error) }
    }
}
