import EADAlgorithms
import EADConfiguration

/// The training objectives and the parts they are made of, as text for people.
package enum AlgorithmCatalogue {
    /// Every part with its summary, in lines of 80 characters.
    package static var overview: String {
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

    /// A preset's settings as they stand in a cluster file, ending in a line feed; nil without such a preset.
    package static func settings(ofPreset name: String) -> String? {
        AlgorithmPreset(rawValue: name).map { preset in
            Self.wrapped(preset.summary, width: 78).map { "# \($0)\n" }.joined() + preset.configuration.yaml()
        }
    }

    package static let presets = AlgorithmPreset.allCases.map(\.rawValue)

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
    static func wrapped(_ text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
