import Glibc

/// Who may read what is made, besides its owner; a wider umask of the process never widens it.
package enum FileAccess: Hashable, Sendable {
    /// Nobody: for secrets, and for directories with what users wrote.
    case owner
    /// Every local user, as far as the umask allows.
    case everyone

    var fileMode: mode_t { self == .owner ? 0o600 : 0o644 }
    var directoryMode: mode_t { self == .owner ? 0o700 : 0o755 }
}
