import EADAlgorithms

extension AlgorithmConfiguration {
    /// The defaults with some changes.
    static func with(_ change: (inout AlgorithmConfiguration) -> Void) -> AlgorithmConfiguration {
        var configuration = AlgorithmConfiguration()
        change(&configuration)
        return configuration
    }
}
