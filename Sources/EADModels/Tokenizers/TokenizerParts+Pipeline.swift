import EADCore

extension TokenizerParts {
    /// The steps of a pipeline: those of a Sequence, of sequences within it, or the one step that there is.
    private static func steps(_ place: JSONPlace?, _ list: String) throws(ModelFileError) -> [JSONPlace] {
        guard let place else { return [] }
        guard try place.text("type") == "Sequence" else { return [place] }
        try place.refuseMembers(except: ["type", list])
        var steps: [JSONPlace] = []
        for step in try place.list(list) { steps += try Self.steps(step, list) }
        return steps
    }

    static func normalization(_ root: JSONPlace) throws(ModelFileError) -> Normalization {
        let steps = try Self.steps(root.member("normalizer"), "normalizers")
        for step in steps where try step.text("type") != "NFC" { throw step.refused("type") }
        return steps.isEmpty ? .none : .nfc
    }

    static func rule(_ root: JSONPlace) throws(ModelFileError) -> WordRule {
        var rule: WordRule?
        var setsNumbersApart = false
        var isByteLevel = false
        for step in try Self.steps(root.member("pre_tokenizer"), "pretokenizers") {
            if isByteLevel { throw step.refused("type") }
            switch try step.text("type") {
            case "Split":
                guard rule == nil, !setsNumbersApart else { throw step.refused("type") }
                rule = try Self.rule(ofSplit: step)
            case "Digits":
                guard rule == nil, try step.flag("individual_digits") == true else {
                    throw step.refused("individual_digits")
                }
                setsNumbersApart = true
            case "ByteLevel":
                try step.refuseMembers(except: ["type", "trim_offsets", "use_regex"])
                let cutsWords = try step.flag("use_regex") ?? true
                guard cutsWords == (rule == nil) else { throw step.refused("use_regex") }
                rule = rule ?? (setsNumbersApart ? .smollm : .gpt2)
                isByteLevel = true
            default: throw step.refused("type")
            }
        }
        guard let rule, isByteLevel else {
            throw root.file.unsupported("pre_tokenizer has no step ByteLevel, without which nothing is implemented")
        }
        return rule
    }

    private static func rule(ofSplit step: JSONPlace) throws(ModelFileError) -> WordRule {
        guard try step.text("behavior") == "Isolated" else { throw step.refused("behavior") }
        try step.refuseMembers(except: ["type", "pattern", "behavior"])
        guard let pattern = step.member("pattern"), let expression = try pattern.text("Regex") else {
            throw step.refused("pattern")
        }
        guard let rule = WordRule(expression: expression) else { throw pattern.refused("Regex") }
        return rule
    }

    static func checkDecoder(_ root: JSONPlace) throws(ModelFileError) {
        for step in try Self.steps(root.member("decoder"), "decoders") where try step.text("type") != "ByteLevel" {
            throw step.refused("type")
        }
    }

    /// Reads the tokens that a post-processor puts before a text.
    mutating func readBeginning(_ root: JSONPlace) throws(ModelFileError) {
        for step in try Self.steps(root.member("post_processor"), "processors") {
            switch try step.text("type") {
            case "ByteLevel": continue
            case "TemplateProcessing": try self.readTemplate(step)
            default: throw step.refused("type")
            }
        }
    }

    private mutating func readTemplate(_ step: JSONPlace) throws(ModelFileError) {
        var textIsThere = false
        for part in try step.list("single") {
            if part.member("Sequence") != nil {
                textIsThere = true
            } else if let name = try part.member("SpecialToken")?.text("id"), !textIsThere {
                guard case .list(let tokens)? = step.value["special_tokens"]?[name]?["ids"] else {
                    throw step.file.malformed("\(step.name).special_tokens has no ids for \(name)")
                }
                for number in tokens {
                    guard let token = number.integer.flatMap({ TokenID(exactly: $0) }), token < self.vocabulary.count
                    else { throw step.file.malformed("\(step.name).special_tokens.\(name) is no token") }
                    self.beginning.append(token)
                }
            } else {
                // A token behind the text would end it before the model has said anything.
                throw part.file.unsupported(
                    "\(part.name) is a token behind the text or of another kind, which is not implemented")
            }
        }
    }
}
