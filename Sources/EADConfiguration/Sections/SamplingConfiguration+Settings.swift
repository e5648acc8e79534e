import EADCore
package import EADSampling

extension SamplingConfiguration {
    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.section("schedule") { self.schedule.visit(visitor) }
        visitor.setting("top_k", &self.topK, .integer(0...Int.max))
        visitor.setting("top_p", &self.topP, .number(.above(0, atMost: 1)))
        visitor.setting("min_p", &self.minP, .number(.within(0...1)))
        visitor.setting(.required("max_tokens"), &self.maxTokens, .integer(1...1_000_000))
        visitor.setting(
            "stop", &self.stopStrings, SettingType.texts.limited(to: "none empty") { !$0.contains("") })
    }

    /// Settings that are in their ranges and cannot be used together.
    func combinationProblems() -> [SettingProblem] { self.schedule.combinationProblems().within("schedule") }

    /// Every setting that cannot be used.
    package func problems() -> [SettingProblem] {
        let checker = SettingChecker()
        var copy = self
        copy.visit(checker)
        return checker.problems + self.combinationProblems()
    }
}

extension TemperatureSchedule {
    mutating func visit(_ visitor: some SettingVisitor) {
        let before = ScheduleKind(self)
        var kind = before
        visitor.setting("kind", &kind, .choice)
        if kind != before { self = kind.schedule }
        switch self {
        case .constant(var temperature):
            let range = Self.range
            visitor.setting(
                "temperature", &temperature,
                .number(.within(Float(range.lowerBound)...Float(range.upperBound)).or(0, "greedy")))
            self = .constant(temperature)
        case .annealed(var schedule):
            schedule.visit(visitor)
            self = .annealed(schedule)
        }
    }

    func combinationProblems() -> [SettingProblem] {
        guard case .annealed(let schedule) = self, schedule.minimum > schedule.maximum else { return [] }
        return [
            SettingProblem("tau_min", "must not exceed tau_max, but \(schedule.minimum) > \(schedule.maximum)")
        ]
    }

    /// Every setting that makes no schedule.
    package func problems() -> [SettingProblem] {
        let checker = SettingChecker()
        var copy = self
        copy.visit(checker)
        return checker.problems + self.combinationProblems()
    }
}

extension AnnealedSchedule {
    /// The parameters of the shape only: one that changes nothing is unknown to the reader.
    fileprivate mutating func visit(_ visitor: some SettingVisitor) {
        let parameters = self.shape.parameters
        let temperatures = NumberRange.within(TemperatureSchedule.range)
        visitor.setting("tau_max", &self.maximum, .number(temperatures))
        visitor.setting("tau_min", &self.minimum, .number(temperatures.and("at most tau_max")))
        if parameters.contains(.initialDecay) { visitor.setting("d_0", &self.initialDecay, .number(.above(0))) }
        if parameters.contains(.growth) {
            visitor.setting("growth", &self.decayGrowth, .number(.atLeast(0)))
            visitor.setting("d_max", &self.decayLimit, .number(.above(0)))
        }
        visitor.setting("warmup", &self.warmup, .integer(0...1_000_000))
        if parameters.contains(.clock) { visitor.setting("clock", &self.clock, .number(.above(0))) }
        if parameters.contains(.horizon) { visitor.setting("horizon", &self.horizon, .integer(1...1_000_000)) }
    }
}
