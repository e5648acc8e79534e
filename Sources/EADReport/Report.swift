/// A report of runs: one HTML page that needs nothing else, and its figures as files of their own.
package struct Report: Sendable {
    package let page: ReportPage

    /// - Parameter samples: Problems to show responses of, per arm; 0 leaves data-set texts out of the page.
    package init(_ runs: [ReportedRun], samples: Int) {
        precondition(!runs.isEmpty, "a report needs a run")
        let arms = Arm.group(runs)
        let maker = FigureMaker(arms)
        self.page = ReportPage(
            title: runs.count == 1 ? "Run \(runs[0].name)" : "\(runs.count) runs, \(arms.count) arms",
            subtitle: Self.subtitle(runs),
            summary: "\(ArmTable(arms, samples: maker.samplesCounted).markup)\(RunList(arms).markup)",
            figures: maker.figures,
            appendix:
                "\(SampleComparison(arms, count: samples).markup)\n\(RolloutSamples(arms, count: samples).markup)",
            damagedLines: runs.flatMap(\.damagedLines))
    }

    /// What the runs have in common, from their settings.
    private static func subtitle(_ runs: [ReportedRun]) -> String {
        func common(_ path: String) -> String? {
            let values = Set(runs.map { $0.settings[path] })
            return values.count == 1 ? values.first ?? nil : nil
        }
        let parts = [
            common("task.kind").map { "task \($0)" },
            common("training.prompts_per_step").flatMap { prompts in
                common("training.samples_per_prompt").map { "\(prompts) prompts x \($0) responses per step" }
            },
            common("training.learning_rate").map { "learning rate \($0)" },
            common("sampling.max_tokens").map { "at most \($0) tokens per response" },
            common("model.precision"),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}
