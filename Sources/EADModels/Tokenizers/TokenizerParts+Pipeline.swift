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

    /// Reads what happens to text before merges: normalizer and pre-tokenizer.
    mutating func readPipeline(_ root: JSONPlace) throws(ModelFileError) {
        var isReplaced = false
        for step in try Self.steps(root.member("normalizer"), "normalizers") {
            switch try step.text("type") {
            case "NFC" where self.normalization == .none: self.normalization = .nfc
            // Before the spaces are marked: what is put there is marked already.
            case "Prepend" where self.normalization == .none:
                try Self.require(step, "prepend", String(CharacterTokens.space))
                self.normalization.marksSpaces = .everyPart
            case "Replace" where !isReplaced && !self.normalization.composes:
                isReplaced = true
                try Self.requireReplacement(step, of: " ", by: String(CharacterTokens.space))
                self.normalization.marksSpaces = self.normalization.marksSpaces ?? .nowhere
            default: throw step.refused("type")
            }
        }
        if self.normalization.marksSpaces == .everyPart, !isReplaced {
            throw root.file.unsupported(
                "normalizer marks the beginning of a text and no spaces, which is not implemented")
        }
        let steps = try Self.steps(root.member("pre_tokenizer"), "pretokenizers")
        let first = try steps.first?.text("type")
        if self.normalization.marksSpaces != nil || first == "Metaspace" {
            try self.readMarkedWords(steps)
        } else {
            self.rule = try Self.rule(steps, root)
        }
    }

    /// Reads how text is cut whose spaces are marked: not at all, or before each mark.
    private mutating func readMarkedWords(_ steps: [JSONPlace]) throws(ModelFileError) {
        self.rule = .whole
        for step in steps {
            switch try step.text("type") {
            case "Metaspace" where self.normalization == .none:
                try step.refuseMembers(except: [
                    "type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep",
                ])
                try Self.require(step, "replacement", String(CharacterTokens.space))
                let isAdded = try step.flag("add_prefix_space") ?? true
                switch try step.text("prepend_scheme") ?? (isAdded ? "always" : "never") {
                case "always": self.normalization.marksSpaces = .everyPartWithoutSpace
                case "first": self.normalization.marksSpaces = .textWithoutSpace
                case "never": self.normalization.marksSpaces = .nowhere
                default: throw step.refused("prepend_scheme")
                }
                if try step.flag("split") ?? true { self.rule = .marked }
            // There are no spaces any more.
            case "Split" where self.normalization.marksSpaces != nil:
                guard try step.member("pattern")?.text("String") == " " else { throw step.refused("pattern") }
                try step.refuseMembers(except: ["type", "pattern", "behavior"])
            default: throw step.refused("type")
            }
        }
    }

    private static func require(_ step: JSONPlace, _ key: String, _ value: String) throws(ModelFileError) {
        guard try step.text(key) == value else { throw step.refused(key) }
    }

    private static func requireReplacement(
        _ step: JSONPlace, of pattern: String, by content: String
    ) throws(ModelFileError) {
        try step.refuseMembers(except: ["type", "pattern", "content"])
        guard let place = step.member("pattern") else { throw step.refused("pattern") }
        try Self.require(place, "String", pattern)
        try Self.require(step, "content", content)
    }

    private static func rule(_ steps: [JSONPlace], _ root: JSONPlace) throws(ModelFileError) -> WordRule {
        var splits: [JSONPlace] = []
        var expressions: [String] = []
        var rule: WordRule?
        var setsNumbersApart = false
        for step in steps {
            if rule != nil { throw step.refused("type") }
            switch try step.text("type") {
            case "Split":
                guard !setsNumbersApart else { throw step.refused("type") }
                expressions.append(try Self.expression(ofSplit: step))
                splits.append(step)
            case "Digits":
                guard splits.isEmpty, try step.flag("individual_digits") == true else {
                    throw step.refused("individual_digits")
                }
                setsNumbersApart = true
            case "ByteLevel":
                try step.refuseMembers(except: ["type", "trim_offsets", "use_regex"])
                let cutsWords = try step.flag("use_regex") ?? true
                guard cutsWords == splits.isEmpty else { throw step.refused("use_regex") }
                if cutsWords {
                    rule = setsNumbersApart ? .smollm : .gpt2
                } else {
                    rule = WordRule(expressions: expressions)
                    guard rule != nil else { throw try Self.unknown(splits) }
                }
            default: throw step.refused("type")
            }
        }
        guard let rule else {
            throw root.file.unsupported("pre_tokenizer has no step ByteLevel, without which nothing is implemented")
        }
        return rule
    }

    /// Expressions that are no rule: the last one is the one that says most.
    private static func unknown(_ splits: [JSONPlace]) throws(ModelFileError) -> ModelFileError {
        guard let pattern = splits.last?.member("pattern") else {
            preconditionFailure("no expressions are no rule only where there is one")
        }
        return pattern.refused("Regex")
    }

    private static func expression(ofSplit step: JSONPlace) throws(ModelFileError) -> String {
        guard try step.text("behavior") == "Isolated" else { throw step.refused("behavior") }
        try step.refuseMembers(except: ["type", "pattern", "behavior"])
        guard let pattern = step.member("pattern"), let expression = try pattern.text("Regex") else {
            throw step.refused("pattern")
        }
        return expression
    }

    func checkDecoder(_ root: JSONPlace) throws(ModelFileError) {
        // What a text of marked spaces gets before it stays: a response goes on with what stands before it.
        let known: Set<String> =
            self.normalization.marksSpaces == nil
            ? ["ByteLevel"] : ["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"]
        for step in try Self.steps(root.member("decoder"), "decoders") {
            guard let type = try step.text("type"), known.contains(type) else { throw step.refused("type") }
            if type == "Replace" { try Self.requireReplacement(step, of: String(CharacterTokens.space), by: " ") }
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
