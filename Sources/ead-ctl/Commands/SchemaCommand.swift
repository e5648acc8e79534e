import ArgumentParser
import EADConfiguration
import EADOperations

/// `ead-ctl schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints a JSON schema of the cluster file, for editors.",
        discussion: "In VS Code: \"yaml.schemas\": {\"ead.schema.json\": [\"cluster/*.yaml\"]}.")

    func run() { Terminal.standard.show(SettingSchema.json) }
}
