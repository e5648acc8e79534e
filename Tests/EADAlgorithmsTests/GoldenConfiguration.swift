import EADAlgorithms

/// The settings of a case as the fixture writes them: what it does not name is as in GRPO.
struct GoldenConfiguration: Decodable {
    let value: AlgorithmConfiguration

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Mask: Decodable {
        let measure: String
        let low: Double
        let high: Double
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var settings = AlgorithmConfiguration()
        for key in container.allKeys {
            func number<Value: Decodable>(_ value: inout Value) throws {
                value = try container.decode(Value.self, forKey: key)
            }
            func choice<Value: RawRepresentable<String>>(_ value: inout Value) throws {
                value = try Self.choice(container.decode(String.self, forKey: key), container, key)
            }
            switch key.stringValue {
            case "loss": try choice(&settings.loss)
            case "clipLow": try number(&settings.clipLow)
            case "clipHigh": try number(&settings.clipHigh)
            case "dualClip": try number(&settings.dualClip)
            case "covariancePenalty": try number(&settings.covariancePenalty)
            case "aggregation": try choice(&settings.aggregation)
            case "normTokens": try number(&settings.normTokens)
            case "correction": try choice(&settings.correction)
            case "correctionCap": try number(&settings.correctionCap)
            case "correctionLow": try number(&settings.correctionLow)
            case "correctionHigh": try number(&settings.correctionHigh)
            case "klCoefficient": try number(&settings.klCoefficient)
            case "klEstimator": try choice(&settings.klEstimator)
            case "entropyCoefficient": try number(&settings.entropyCoefficient)
            case "rejections":
                settings.rejections = try container.decode([Mask].self, forKey: key).map { mask in
                    RejectionMask(
                        measure: try Self.choice(mask.measure, container, key), low: mask.low, high: mask.high)
                }
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "no setting of the fixture's cases")
            }
        }
        self.value = settings
    }

    private static func choice<Value: RawRepresentable<String>>(
        _ text: String, _ container: KeyedDecodingContainer<Key>, _ key: Key
    ) throws -> Value {
        guard let value = Value(rawValue: text) else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "'\(text)' is no such part")
        }
        return value
    }
}
