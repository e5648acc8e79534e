/// Responses to the same held-out problems before and after training, side by side.
struct SampleComparison {
    let markup: Markup

    private static let longestText = 1500

    /// - Parameter count: Problems shown per arm, from the lowest number on; 0 shows none.
    init(_ arms: [Arm], count: Int) {
        guard count > 0 else {
            self.markup = ""
            return
        }
        let parts = arms.map { arm -> Markup in
            let heading: Markup = arms.count > 1 ? "<h3>\(Legend.swatch(arm.style)) \(arm.fullLabel)</h3>\n" : ""
            return "\(heading)\(Self.arm(arm, count: count))"
        }
        self.markup = """
            <h2>Samples</h2>
            <p class="quiet">The first \(count) held-out problems by number, not chosen by result; of each arm the run \
            with the lowest seed. Greedy responses where there are any, otherwise the first sample.</p>
            \(Markup(parts))
            """
    }

    private static func arm(_ arm: Arm, count: Int) -> Markup {
        guard let run = arm.runs.first(where: { $0.samples.count > 1 }),
            let first = run.samples.keys.min(), let last = run.samples.keys.max()
        else {
            return "<p>Left out: no run of this arm holds the samples of two evaluations.</p>\n"
        }
        let before = Self.byProblem(run.samples[first, default: []])
        let after = Self.byProblem(run.samples[last, default: []])
        let problems = Set(before.keys).intersection(after.keys).sorted().prefix(count)
        guard !problems.isEmpty else {
            return
                "<p>Left out: the evaluations of \(run.name) at steps \(Int(first)) and \(Int(last)) share no problem.</p>\n"
        }
        return Markup(
            problems.compactMap { problem in
                guard let old = before[problem], let new = after[problem] else { return nil }
                return """
                    <div class="problem"><div class="quiet">\(run.name), problem \(Int(problem))</div>
                    <pre>\(Self.shortened(new.prompt))</pre>
                    <div class="quiet">right answer: \(Self.shortened(new.answer))</div>
                    <div class="answers">\(Self.answer(old, first))\(Self.answer(new, last))</div></div>

                    """
            })
    }

    private static func answer(_ sample: ReportedSample, _ step: UInt64) -> Markup {
        let verdict =
            sample.reward.map { reward in
                "\(reward == 1 ? "right" : reward == 0 ? "wrong" : "in part") (reward \(NumberText.short(reward)))"
            } ?? "without a score"
        return """
            <div><div class="quiet">step \(Int(step)): \(verdict)</div>\
            <pre>\(Self.shortened(sample.response))</pre></div>
            """
    }

    /// One response per problem: greedy before sampled, else the first.
    private static func byProblem(_ samples: [ReportedSample]) -> [UInt64: ReportedSample] {
        samples.reduce(into: [:]) { chosen, sample in
            if let present = chosen[sample.problem], present.isGreedy || !sample.isGreedy { return }
            chosen[sample.problem] = sample
        }
    }

    private static func shortened(_ text: String) -> String {
        guard text.count > Self.longestText else { return text.isEmpty ? "(empty)" : text }
        return text.prefix(Self.longestText) + " \u{2026} (\(text.count - Self.longestText) more characters)"
    }
}
