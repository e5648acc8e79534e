package import EADCore
import Yams

/// Who may connect.
package struct SecurityConfiguration: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// No authentication: for loopback addresses only.
        case plaintext
        /// Every connection is encrypted, and only the listed keys are let in.
        case curve
    }

    package var mode: Mode
    /// The directory with this host's secret keys; absolute once the file is read.
    package var keys: String
    /// The public key of each node, and of `control`, in Z85 (40 characters).
    package var publicKeys: [NodeID: String]

    package init(mode: Mode = .plaintext, keys: String, publicKeys: [NodeID: String] = [:]) {
        self.mode = mode
        self.keys = keys
        self.publicKeys = publicKeys
    }

    /// The name under which ead-ctl has its key.
    package static let control = NodeID("control")

    /// The secret key of a node, in a directory of such.
    package static func keyFile(of node: NodeID, in directory: String) -> String { "\(directory)/\(node).key" }

    mutating func visit(_ visitor: some SettingVisitor, nodes: [NodeID]) {
        visitor.setting("mode", &self.mode, .choice)
        visitor.setting(.local("keys", absent: "`keys`"), &self.keys, .path)
        visitor.section("public_keys") {
            for node in nodes {
                let key = SettingKey(node.rawValue, placeholder: "NODE")
                visitor.setting(key, &self.publicKeys[node], SettingType.publicKey.optional)
            }
        }
    }
}

extension SettingType<String> {
    /// A CURVE public key in Z85: 40 of its characters, which stand for 32 bytes.
    static var publicKey: SettingType {
        let alphabet = Array(
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)
        return SettingType("public key", range: "40 characters in Z85, as `ead-ctl keygen` prints it") { scalar in
            let digits = scalar.string.utf8.map { alphabet.firstIndex(of: $0) }
            guard digits.count == 40 else { return nil }
            for start in stride(from: 0, to: 40, by: 5) {
                var word = 0
                for digit in digits[start..<start + 5] {
                    guard let digit else { return nil }
                    word = word * 85 + digit
                }
                guard word <= Int(UInt32.max) else { return nil }
            }
            return scalar.string
        } render: {
            $0.quotedForYAML
        }
    }
}
