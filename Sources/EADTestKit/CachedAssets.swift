import Foundation

/// The model and data that `scripts/fetch-assets.sh` puts into the cache directory; they are never in the repository.
///
/// Tests that need them are enabled by `.enabled(if: CachedAssets.model != nil, CachedAssets.advice)`.
package enum CachedAssets {
    package static let advice = "needs the model: run scripts/fetch-assets.sh"

    /// SmolLM2-135M-Instruct as GGUF, nil when it has not been fetched.
    package static var model: String? { Self.file("SmolLM2-135M-Instruct.Q4_1.gguf") }

    /// The problems of ASDiv, one JSON object per line, nil when they have not been fetched.
    package static var problems: String? { Self.file("asdiv.jsonl") }

    private static func file(_ name: String) -> String? {
        let environment = ProcessInfo.processInfo.environment
        let caches =
            environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache"
        let path = caches + "/ead/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
