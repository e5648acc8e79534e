/// What the run is called, how long it lasts, and where it leaves its files.
package struct RunConfiguration: Hashable, Sendable {
    package var name: String
    /// Key of every random number of the run.
    package var seed: UInt64
    /// Training steps; 0 only evaluates.
    package var steps: Int
    /// Checkpoints, run log and resolved configuration; absolute once the file is read.
    package var directory: String

    package init(name: String, seed: UInt64 = 0, steps: Int, directory: String) {
        self.name = name
        self.seed = seed
        self.steps = steps
        self.directory = directory
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.required("name"), &self.name, .word)
        visitor.setting("seed", &self.seed, .integer(0...UInt64.max))
        visitor.changeable { visitor.setting(.required("steps"), &self.steps, .integer(0...1_000_000)) }
        visitor.setting(.local("directory", absent: "`runs/NAME`"), &self.directory, .path)
    }
}
