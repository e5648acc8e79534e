import EADCore
import EADSampling

extension SamplingConfiguration {
    mutating func visit(_ visitor: some SettingVisitor) {
        visitor.section("schedule") { self.schedule.visit(visitor) }
        visitor.setting("top_k", &self.topK, .integer(0...Int.max))
        visitor.setting("top_p", &self.topP, .number("above 0, at most 1"))
        visitor.setting("min_p", &self.minP, .number("0 to 1"))
        visitor.setting(.required("max_tokens"), &self.maxTokens, .integer(1...1_000_000))
        visitor.setting("stop", &self.stopStrings, .texts)
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
            visitor.setting("temperature", &temperature, .number("0 (greedy) or 0.001 to 100"))
            self = .constant(temperature)
        case .annealed(var schedule):
            schedule.visit(visitor)
            self = .annealed(schedule)
        }
    }
}

extension AnnealedSchedule {
    /// The parameters of the shape only: one that changes nothing is unknown to the reader.
    fileprivate mutating func visit(_ visitor: some SettingVisitor) {
        let parameters = self.shape.parameters
        visitor.setting("tau_max", &self.maximum, .number("0.001 to 100"))
        visitor.setting("tau_min", &self.minimum, .number("0.001 to 100, at most tau_max"))
        if parameters.contains(.initialDecay) {
            visitor.setting("d_0", &self.initialDecay, .number("above 0"))
        }
        if parameters.contains(.growth) {
            visitor.setting("growth", &self.decayGrowth, .number("at least 0"))
            visitor.setting("d_max", &self.decayLimit, .number("above 0"))
        }
        visitor.setting("warmup", &self.warmup, .integer(0...1_000_000))
        if parameters.contains(.clock) { visitor.setting("clock", &self.clock, .number("above 0")) }
        if parameters.contains(.horizon) { visitor.setting("horizon", &self.horizon, .integer(1...1_000_000)) }
    }
}
