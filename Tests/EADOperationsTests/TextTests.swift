import EADAlgorithms
import EADSampling
import Testing

@testable import EADOperations

/// Texts that subcommands print.
struct TextTests {
    @Test func everyPartOfAnAlgorithmIsListedInEightyColumns() {
        let lines = AlgorithmCatalogue.overview.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 80 })
        for preset in AlgorithmPreset.allCases {
            #expect(lines.contains { $0.hasPrefix("  \(preset.rawValue) ") })
            #expect(AlgorithmCatalogue.settings(ofPreset: preset.rawValue)?.hasPrefix("# ") == true)
        }
        #expect(AlgorithmCatalogue.settings(ofPreset: "none") == nil)
    }

    @Test func wordsAreWrapped() {
        #expect(AlgorithmCatalogue.wrapped("a bb ccc dddd", width: 6) == ["a bb", "ccc", "dddd"])
        #expect(AlgorithmCatalogue.wrapped("", width: 6).isEmpty)
    }

    @Test func aScheduleIsATableOfStepsAndPositions() {
        let lines = ScheduleTable(.annealed(AnnealedSchedule()), steps: [0, 100], until: 30).text
            .split(separator: "\n").map { String($0) }
        #expect(lines[0] == "t    s=0    s=100" && lines[1] == "d_s  25     525")
        #expect(lines[2].hasPrefix("0 ") && lines.last?.hasPrefix("24") == true)
        let constant = ScheduleTable(.constant(0.5), steps: [0], until: 1).text
        #expect(constant == "t  s=0\n0  0.500\n1  0.500")
    }
}
