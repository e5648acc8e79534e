import EADCore

/// What config.json says about rotary positions, in the spelling of transformers 4 (rope_theta, rope_scaling) or that of
/// transformers 5 (rope_parameters).
struct RopeConfiguration {
    let base: Float?
    /// How positions are stretched; nil where they are not.
    let scaling: RopeScaling?

    init(_ configuration: HuggingFaceConfiguration) throws(ModelFileError) {
        let parameters = try configuration.object("rope_parameters")
        let scaling = try configuration.object("rope_scaling")
        guard parameters == nil || scaling == nil else {
            throw configuration.fault(
                .unsupported, "rope_scaling and rope_parameters are both given",
                advice: "keep the one that is meant")
        }
        let outer = try configuration.positive("rope_theta")
        let inner = try parameters?.positive("rope_theta")
        if let outer, let inner, outer != inner {
            throw configuration.fault(
                .badMetadata, "rope_theta is \(outer), and \(inner) in rope_parameters")
        }
        self.base = outer ?? inner
        guard let details = parameters ?? scaling else {
            self.scaling = nil
            return
        }
        let key = parameters == nil ? "rope_scaling" : "rope_parameters"
        let spellings = [try details.text("rope_type"), try details.text("type")].compactMap { $0 }
        let type = spellings.first ?? "default"
        guard spellings.allSatisfy({ $0 == type }), ["default", RopeScaling.type].contains(type) else {
            throw configuration.fault(
                .unsupported, "\(key) is of rope_type \(spellings.joined(separator: " and "))",
                advice: "use a model with that of Llama 3 (\(RopeScaling.type)), or without")
        }
        self.scaling = type == RopeScaling.type ? try RopeScaling(details, key: key) : nil
        let known = ["rope_type", "type", "rope_theta"] + (self.scaling == nil ? [] : RopeScaling.keys)
        for name in details.members.map(\.key).sorted() where !known.contains(name) {
            guard details[name] != nil else { continue }
            throw configuration.fault(
                .unsupported, "\(name) in \(key) is not known for rope_type \(type)",
                advice: "use a model without it")
        }
    }
}
