import EADCore
import Glibc

/// How Llama 3.1 and later stretch rotary positions beyond the context they were first trained with: slow frequencies are
/// divided by a factor, fast ones stay, and those between are interpolated.
struct RopeScaling: Hashable, Sendable {
    let factor: Float
    let lowFrequency: Float
    let highFrequency: Float
    let originalContext: Int

    /// What config.json calls it.
    static let type = "llama3"
    static let keys = ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"]

    init(factor: Float, lowFrequency: Float, highFrequency: Float, originalContext: Int) {
        self.factor = factor
        self.lowFrequency = lowFrequency
        self.highFrequency = highFrequency
        self.originalContext = originalContext
    }

    /// - Parameter key: Whose members these are.
    init(_ members: HuggingFaceConfiguration, key: String) throws(ModelFileError) {
        func number(_ name: String) throws(ModelFileError) -> Float {
            guard let number = try members.positive(name) else {
                throw members.fault(.missingMetadata, "\(name) is missing in \(key)")
            }
            return number
        }
        self.factor = try number(Self.keys[0])
        self.lowFrequency = try number(Self.keys[1])
        self.highFrequency = try number(Self.keys[2])
        guard let context = try members.integer(Self.keys[3], in: 1...(1 << 22)) else {
            throw members.fault(.missingMetadata, "\(Self.keys[3]) is missing in \(key)")
        }
        self.originalContext = context
        guard self.factor >= 1, self.lowFrequency < self.highFrequency else {
            throw members.fault(
                .badMetadata, "\(key) has a factor below 1, or a low_freq_factor that is not below high_freq_factor")
        }
    }

    /// What the frequency of each pair of a head is divided by.
    func divisors(headSize: Int, base: Float) -> [Float] {
        let (factor, context) = (Double(self.factor), Double(self.originalContext))
        let (low, high) = (Double(self.lowFrequency), Double(self.highFrequency))
        return (0..<headSize / 2).map { pair in
            let wavelength = 2 * Double.pi * pow(Double(base), 2 * Double(pair) / Double(headSize))
            if wavelength < context / high { return 1 }
            if wavelength > context / low { return self.factor }
            let share = (context / wavelength - low) / (high - low)
            return Float(1 / ((1 - share) / factor + share))
        }
    }

    /// The scaling that gives these divisors; nil for divisors of another kind.
    init?(divisors: [Float], headSize: Int, base: Float) {
        guard let factor = divisors.max() else { return nil }
        // GGUF keeps the divisors only. Every published model has these bounds, over a power of two.
        for context in (4...20).map({ 1 << $0 }) {
            let scaling = RopeScaling(factor: factor, lowFrequency: 1, highFrequency: 4, originalContext: context)
            let candidates = scaling.divisors(headSize: headSize, base: base)
            if zip(candidates, divisors).allSatisfy({ abs($0 - $1) <= 2 * $1.ulp }) {
                self = scaling
                return
            }
        }
        return nil
    }

    /// As config.json says it.
    var json: JSONValue {
        .object([
            JSONValue.Member("rope_type", .text(Self.type)),
            JSONValue.Member(Self.keys[0], .number("\(self.factor)")),
            JSONValue.Member(Self.keys[1], .number("\(self.lowFrequency)")),
            JSONValue.Member(Self.keys[2], .number("\(self.highFrequency)")),
            JSONValue.Member(Self.keys[3], .integer(self.originalContext)),
        ])
    }
}
