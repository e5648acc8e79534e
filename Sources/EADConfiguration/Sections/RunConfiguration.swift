/// What the run is called, how long it lasts, and where it leaves its files.
public struct RunConfiguration: Hashable, Sendable, Codable {
    public var name: String
    /// Key of every random number of the run.
    public var seed: UInt64
    /// Training steps; 0 only evaluates.
    public var steps: Int
    /// Checkpoints, run log and resolved configuration; absolute once the file is read.
    public var directory: String

    public init(name: String, seed: UInt64 = 0, steps: Int, directory: String) {
        self.name = name
        self.seed = seed
        self.steps = steps
        self.directory = directory
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.setting(.required("name"), &self.name, .word)
        visitor.setting("seed", &self.seed, .integer(0...UInt64.max))
        visitor.setting(.required("steps"), &self.steps, .integer(0...1_000_000))
        visitor.setting(.local("directory", absent: "`runs/NAME`"), &self.directory, .path)
    }
}
