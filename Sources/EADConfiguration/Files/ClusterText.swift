package import Foundation

/// The text of one cluster file.
package struct ClusterText: Hashable, Sendable {
    /// What messages call the file.
    package var name: String
    package var text: String
    /// The directory that its relative paths start at.
    package var base: URL

    package init(name: String, text: String, base: URL) {
        self.name = name
        self.text = text
        self.base = base
    }

    /// - Throws: `ConfigurationError` with the reason why the file cannot be read.
    package init(path: String) throws(ConfigurationError) {
        do {
            let bytes = try Data(contentsOf: URL(filePath: path))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ConfigurationError(file: path, message: "is not UTF-8 text")
            }
            self.init(name: path, text: text, base: Places(file: path).base)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(file: path, message: "cannot be read: \(error.localizedDescription)")
        }
    }
}
