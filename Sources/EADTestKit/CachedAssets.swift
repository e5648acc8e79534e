import EADFiles
import Foundation

/// The model and data that `scripts/fetch-assets.sh` puts into the cache directory; they are never in the repository.
///
/// Tests that need them are enabled by `.enabled(if: CachedAssets.model != nil, CachedAssets.advice)`.
package enum CachedAssets {
    package static let advice = "needs the model: run scripts/fetch-assets.sh"

    /// SmolLM2-135M-Instruct as GGUF, nil when it has not been fetched.
    package static var model: String? { Self.file(.model) }

    /// The problems of ASDiv, one JSON object per line, nil when they have not been fetched.
    package static var problems: String? { Self.file(.problems) }

    package static let tokenizerAdvice = "needs real vocabularies: run scripts/reference/tokenizers_oracle.py real"

    /// The directories of real tokenizers, each with tokenizer.json and cases.jsonl; empty when they have not been
    /// fetched.
    package static var tokenizers: [String] {
        let place = CacheDirectory.user.path + "/reference/tokenizers"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.sorted().map { "\(place)/\($0)" }.filter { FileTree.exists($0 + "/cases.jsonl") }
    }

    package static let templateAdvice =
        "needs real chat templates: run scripts/reference/tokenizers_oracle.py real, then templates_oracle.py real"

    /// The directory of real chat templates and the file of what the reference makes of them; nil when they have not been
    /// fetched.
    package static var templates: (directory: String, cases: String)? {
        let place = CacheDirectory.user.path + "/reference"
        let cases = place + "/templates/cases.jsonl"
        return FileTree.exists(cases) ? (place + "/llama.cpp/models/templates", cases) : nil
    }

    package static let mathVerifyAdvice = "needs math-verify: run scripts/verifiers/math-verify --install"

    /// Whether the environment of scripts/verifiers/math-verify is there.
    package static var hasMathVerify: Bool { FileTree.exists(CacheDirectory.user.path + "/math-verify/complete") }

    private static func file(_ asset: CacheDirectory.Asset) -> String? {
        let path = CacheDirectory.user.place(of: asset)
        return FileTree.exists(path) ? path : nil
    }
}
