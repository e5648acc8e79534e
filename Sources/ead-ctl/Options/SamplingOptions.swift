import ArgumentParser
import EADConfiguration
import EADCore
import EADSampling

/// How a command without a cluster draws responses.
struct SamplingOptions: ParsableArguments {
    @Option(name: .long, help: "Tokens per response at most.")
    var maxTokens: Int = 128

    @Option(name: .long, help: "End a response where this text appears; may be repeated.")
    var stop: [String] = []

    @Option(name: .long, help: "Keep the so many likeliest tokens; 0 for all.")
    var topK: Int = 0

    @Option(name: .long, help: "Keep the likeliest tokens of this total probability.")
    var topP: Float = 1

    @Option(name: .long, help: "Drop tokens less likely than this share of the likeliest.")
    var minP: Float = 0

    @Option(name: .long, help: "The same seed gives the same text.")
    var seed: UInt64 = 1

    @Option(name: .long, help: "The global step s of the schedule (default: the checkpoint's, or 0).")
    var step: UInt64?

    @OptionGroup var schedule: ScheduleOptions

    /// - Throws: `RoleFailure` with every setting that cannot be used.
    func resolve() throws -> SamplingConfiguration {
        let sampling = SamplingConfiguration(
            schedule: self.schedule.resolve(), topK: self.topK, topP: self.topP, minP: self.minP,
            maxTokens: self.maxTokens, stopStrings: self.stop)
        let problems = sampling.problems()
        guard problems.isEmpty else {
            throw RoleFailure(.usage, problems.map(\.asOption).joined(separator: "\nerror: "))
        }
        return sampling
    }
}
