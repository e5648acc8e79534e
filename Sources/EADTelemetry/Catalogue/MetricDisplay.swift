/// A figure's column in the lines that show a run's progress.
package struct MetricColumn: Hashable, Sendable {
    package let title: String
    package let decimals: Int
    /// Where a line has no room for all, the column with the highest is left out first.
    package let dropRank: Int

    init(_ title: String, decimals: Int, dropRank: Int) {
        self.title = title
        self.decimals = decimals
        self.dropRank = dropRank
    }
}

/// A figure's panel in a report.
package struct MetricPanel: Hashable, Sendable {
    /// The figures of a report whose panels the catalogue chooses.
    package enum Figure: Hashable, Sendable, CaseIterable {
        case entropy, reward, length, throughput, importance, update, demonstrations
    }

    package let figure: Figure
    package let title: String

    init(_ figure: Figure, _ title: String) {
        self.figure = figure
        self.title = title
    }
}
