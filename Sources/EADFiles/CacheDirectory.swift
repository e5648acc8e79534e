import Glibc

/// Where downloads are: `ead` in the user's directory for caches; `scripts/fetch-assets.sh` fills it.
package struct CacheDirectory: Hashable, Sendable {
    /// What the script fetches, by the name of its file.
    package enum Asset: String, Hashable, Sendable, CaseIterable {
        /// SmolLM2-135M-Instruct with 4-bit weights.
        case model = "SmolLM2-135M-Instruct.Q4_1.gguf"
        /// The word problems of ASDiv, a JSON object per line.
        case problems = "asdiv.jsonl"
    }

    package let path: String

    /// - Parameters:
    ///   - caches: The value of `XDG_CACHE_HOME`; ignored when empty or relative, as the XDG specification asks.
    ///   - home: The user's home directory.
    package init(caches: String?, home: String) {
        let absolute = caches.flatMap { $0.hasPrefix("/") ? $0 : nil }
        self.path = (absolute ?? home + "/.cache") + "/ead"
    }

    /// The cache of this process's user.
    package static var user: CacheDirectory {
        CacheDirectory(caches: getenv("XDG_CACHE_HOME").map { String(cString: $0) }, home: Self.home)
    }

    /// The home directory of this process's user: `HOME`, or what the system says where that is empty.
    package static var home: String {
        if let home = getenv("HOME"), home.pointee != 0 { return String(cString: home) }
        return getpwuid(getuid())?.pointee.pw_dir.map { String(cString: $0) } ?? "/"
    }

    package func place(of asset: Asset) -> String { self.path + "/" + asset.rawValue }
}
