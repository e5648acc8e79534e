package import EADCore
import EADFiles

/// The model that is trained.
package struct ModelConfiguration: Hashable, Sendable {
    /// A GGUF file or a directory; absolute once the file is read.
    package var path: String
    package var precision: Precision

    package init(path: String, precision: Precision = .bf16) {
        self.path = path
        self.precision = precision
    }

    /// The file `make run` fetches.
    static let defaultFile = CacheDirectory.Asset.model

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.local("path", absent: "`\(Self.defaultFile.rawValue)` in the cache"), &self.path, .path)
        visitor.setting("precision", &self.precision, .choice)
    }
}
