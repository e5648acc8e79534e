import EADEnvironments
import EADFiles

extension TaskConfiguration {
    /// The ASDiv file `make run` fetches.
    static let defaultFile = CacheDirectory.Asset.problems

    mutating func visit(_ visitor: some SettingVisitor) {
        let before = self.kind
        visitor.setting(.required("kind"), &self.kind, .choice)
        // The verifier's default depends on the kind.
        if self.kind != before { self = TaskConfiguration(kind: self.kind, heldOut: self.heldOut) }
        visitor.setting(
            .local("path", absent: "`\(Self.defaultFile.rawValue)` in the cache for asdiv-easy"), &self.path,
            SettingType.path.optional)
        visitor.setting("seed", &self.seed, .integer(0...UInt64.max))
        visitor.setting(.required("held_out"), &self.heldOut, .integer(0...Int.max))
        visitor.setting("template", &self.template, SettingType.text.optional)
        let verifier = SettingKey("verifier", absent: "`equation` for asdiv-easy, else `number`")
        visitor.setting(verifier, &self.verifier, .choice)
        visitor.setting(.local("command"), &self.command, .texts)
        visitor.setting(
            "command_timeout", &self.commandTimeout, .duration(.milliseconds(50) ... .seconds(24 * 3600)))
    }
}
