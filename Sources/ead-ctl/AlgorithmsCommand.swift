import ArgumentParser
import EADAlgorithms
import EADConfiguration
import EADCore
import EADRuntime

/// `ead-ctl algorithms`
struct AlgorithmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "algorithms",
        abstract: "Lists the training objectives and the parts they are made of.",
        discussion: "With a preset's name, prints all its settings as they stand in a cluster file.")

    @Argument(help: "A preset.")
    var preset: String?

    func run() {
        guard let name = self.preset else { return print(Self.overview) }
        guard let preset = AlgorithmPreset(rawValue: name) else {
            let known = AlgorithmPreset.allCases.map(\.rawValue).joined(separator: ", ")
            RoleRunner.fail(RoleFailure(.usage, "'\(name)' is not a preset; there are \(known)"))
        }
        let summary = Self.wrapped(preset.summary, width: 78).map { "# \($0)\n" }.joined()
        print(summary + preset.configuration.yaml(), terminator: "")
    }

    private static var overview: String {
        [
            Self.section("algorithm.preset: every other setting overrides it", AlgorithmPreset.self, \.summary),
            Self.section("algorithm.advantage: from rewards to advantages", AdvantageEstimator.self, \.summary),
            Self.section("algorithm.loss: the loss of a token", PolicyLoss.self, \.summary),
            Self.section("algorithm.aggregation: from token losses to one number", Aggregation.self, \.summary),
            Self.section(
                "algorithm.correction: pi is the policy, mu the annealed law", OffPolicyCorrection.self, \.summary),
            Self.section(
                "algorithm.rejections[].measure: what is dropped, and by which distance",
                RejectionMask.Measure.self, \.summary),
            Self.section("algorithm.kl_estimator: distance from the starting weights", KLEstimator.self, \.summary),
            Self.section("algorithm.group_filter: what a step is made of", GroupFilter.self, \.summary),
        ].joined(separator: "\n\n")
    }

    private static func section<Part: RawRepresentable<String> & CaseIterable>(
        _ title: String, _: Part.Type, _ summary: (Part) -> String
    ) -> String {
        let indent = 2 + (Part.allCases.map(\.rawValue.count).max() ?? 0) + 2
        let parts = Part.allCases.map { part in
            let name = "  " + part.rawValue
            let lines = Self.wrapped(summary(part), width: 80 - indent)
            let margin = String(repeating: " ", count: indent)
            return name + margin.dropFirst(name.count) + lines.joined(separator: "\n" + margin)
        }
        return ([title] + parts).joined(separator: "\n")
    }

    /// The words of `text` in lines of at most `width` characters.
    private static func wrapped(_ text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
