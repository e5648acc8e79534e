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
    private enum Kind: String, CaseIterable {
        case ead
        case eadReleased = "ead-released"
        case constant
    }

    mutating func visit(_ visitor: some SettingVisitor) {
        var kind: Kind =
            switch self {
            case .constant: .constant
            case .annealed: .ead
            }
        let before = kind
        visitor.setting("kind", &kind, .choice)
        switch kind {
        case .constant:
            var temperature: Float = 1
            if case .constant(let present) = self { temperature = present }
            visitor.setting("temperature", &temperature, .number("at least 0"))
            self = .constant(temperature)
        case .ead, .eadReleased:
            var schedule = kind == .eadReleased ? AnnealedSchedule.released : AnnealedSchedule()
            if case .annealed(let present) = self, before == kind { schedule = present }
            visitor.setting("tau_max", &schedule.maximum, .number("0.01 to 10"))
            visitor.setting("tau_min", &schedule.minimum, .number("0.01 to 10, at most tau_max"))
            visitor.setting("d_0", &schedule.initialDecay, .number("above 0"))
            visitor.setting("growth", &schedule.decayGrowth, .number("at least 0"))
            visitor.setting("d_max", &schedule.decayLimit, .number("above 0"))
            visitor.setting("warmup", &schedule.warmup, .integer(0...1_000_000))
            visitor.setting("clock", &schedule.clock, .number("above 0"))
            self = .annealed(schedule)
        }
    }
}
