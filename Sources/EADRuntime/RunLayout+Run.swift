package import EADCore
package import EADFiles
import Foundation

extension RunLayout {
    private struct Snapshot: Decodable {
        var run: RunID
    }

    /// The run whose controller uses this directory, or did last; nil where none ever has, as on any other host.
    /// - Throws: `RoleFailure` when what it wrote cannot be read.
    package func recordedRun() throws(RoleFailure) -> RunID? {
        guard FileTree.exists(self.snapshot) else { return nil }
        do {
            return try JSONDecoder().decode(Snapshot.self, from: Data(try FileContents.read(self.snapshot))).run
        } catch {
            throw RoleFailure(.data, "\(self.snapshot) is damaged: \(error). Restore it, or use another run directory")
        }
    }
}
