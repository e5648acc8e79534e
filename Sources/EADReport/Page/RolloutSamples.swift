/// Responses that a step was trained on, each token in the colour of its temperature.
struct RolloutSamples {
    let markup: Markup

    private static let longestPrompt = 1500
    private static let longestResponse = 400
    private static let responses = 4
    private static let levels = 5

    /// - Parameter count: Problems shown per arm, in the order of their slots; 0 shows none.
    init(_ arms: [Arm], count: Int) {
        let shown = arms.compactMap { arm in
            arm.runs.first { !$0.rollouts.isEmpty }.map { (arm: arm, rollouts: Self.first(count, of: $0.rollouts)) }
        }
        let temperatures = shown.flatMap(\.rollouts).flatMap(\.tokens).map(\.temperature)
        guard count > 0, let low = temperatures.min(), let high = temperatures.max() else {
            self.markup = ""
            return
        }
        let parts = shown.map { arm, rollouts -> Markup in
            let heading: Markup = arms.count > 1 ? "<h3>\(Legend.swatch(arm.style)) \(arm.fullLabel)</h3>\n" : ""
            let problems = Self.grouped(rollouts).map { Self.problem($0, low: low, high: high) }
            return "\(heading)\(Markup(problems))"
        }
        self.markup = """
            <h2>Training rollouts</h2>
            <p class="quiet">Responses that a step was trained on: the newest that are on disk (log.rollouts), the first problems \
            and the first responses of each, not chosen by result. \(Self.legend(low: low, high: high))</p>
            \(Markup(parts))
            """
    }

    private static func first(_ count: Int, of rollouts: [ReportedRollout]) -> [ReportedRollout] {
        self.grouped(rollouts).prefix(count).flatMap { $0.prefix(Self.responses) }
    }

    /// By problem, in the order in which problems come first.
    private static func grouped(_ rollouts: [ReportedRollout]) -> [[ReportedRollout]] {
        var places: [UInt64: Int] = [:]
        return rollouts.reduce(into: []) { groups, rollout in
            let place = places[rollout.problem] ?? groups.count
            places[rollout.problem] = place
            if place == groups.count { groups.append([]) }
            groups[place].append(rollout)
        }
    }

    private static func problem(_ rollouts: [ReportedRollout], low: Double, high: Double) -> Markup {
        guard let first = rollouts.first else { return "" }
        let prompt = first.prompt
        let cut = prompt.count > Self.longestPrompt ? "\u{2026} " + prompt.suffix(Self.longestPrompt) : prompt
        let answers = rollouts.map { rollout -> Markup in
            """
            <div><div class="quiet">\(Self.verdict(rollout))</div>\
            <pre>\(Markup(rollout.tokens.prefix(Self.longestResponse).map { Self.token($0, low: low, high: high) }))\
            \(Self.rest(rollout.tokens.count))</pre></div>

            """
        }
        return """
            <div class="problem"><div class="quiet">step \(Int(first.step)), problem \(Int(first.problem))</div>
            <pre>\(cut)</pre>
            <div class="answers">\(Markup(answers))</div></div>

            """
    }

    private static func verdict(_ rollout: ReportedRollout) -> String {
        guard let reward = rollout.reward else { return "without a score" }
        return "reward \(NumberText.short(reward)), " + (rollout.prediction.map { "read as \($0)" } ?? "no answer read")
    }

    private static func token(_ token: ReportedRollout.Token, low: Double, high: Double) -> Markup {
        guard !token.text.isEmpty else { return "" }
        let title = "temperature \(NumberText.short(token.temperature))"
        return
            "<span class=\"t\(Self.level(token.temperature, low: low, high: high))\" title=\"\(title)\">\(token.text)</span>"
    }

    private static func rest(_ count: Int) -> String {
        count > Self.longestResponse ? " \u{2026} (\(count - Self.longestResponse) more tokens)" : ""
    }

    /// 0 for the lowest temperatures.
    private static func level(_ temperature: Double, low: Double, high: Double) -> Int {
        guard high > low else { return Self.levels / 2 }
        return min(Self.levels - 1, Int(Double(Self.levels) * (temperature - low) / (high - low)))
    }

    private static func legend(low: Double, high: Double) -> Markup {
        guard high > low else { return "Every token was drawn at temperature \(NumberText.short(low))." }
        let steps = (0..<Self.levels).map { level -> Markup in
            let from = low + (high - low) * Double(level) / Double(Self.levels)
            return "<span class=\"t\(level)\">from \(NumberText.short(from))</span>"
        }
        return "Temperature: \(Markup(steps, separator: " "))"
    }
}
