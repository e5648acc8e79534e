/// The version of all four commands.
package enum ProductVersion {
    /// By semantic versioning; the newest heading of CHANGELOG.md.
    package static let number = "0.2.0"

    /// What `--version` prints: the number, with the commit of the build in brackets, and a `+` where it was changed.
    package static var description: String {
        BuildCommit.hash.isEmpty ? Self.number : "\(Self.number) (\(BuildCommit.hash))"
    }
}
