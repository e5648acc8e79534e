import EADCore
import Foundation

extension TokenizerParts {
    private static let file = "tokenizer.json"

    /// Reads tokenizer.json of a Hugging Face directory.
    ///
    /// - Parameter rows: Rows of the embedding; there may be more than tokens.
    /// - Throws: `ModelFileError` that names what is damaged, or not implemented.
    init(directory: String, rows: Int) throws(ModelFileError) {
        let file = try JSONFile(object: "\(directory)/\(Self.file)")
        let root = JSONPlace(file: file, name: "", value: file.value)
        try root.refuseMembers(except: [
            "version", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model",
        ])
        try self.readPipeline(root)
        try self.checkDecoder(root)
        guard let model = root.member("model") else { throw file.malformed("has no model") }
        let identifiers = try self.readVocabulary(model, root, rows: rows)
        try self.readMerges(model, identifiers)
        try self.readModelFlags(model, identifiers)
        try self.readBeginning(root)
        try self.readEnds(directory)
    }

    // MARK: Vocabulary

    /// Returns the id of each token that words can become, by its text in the file.
    private mutating func readVocabulary(
        _ model: JSONPlace, _ root: JSONPlace, rows: Int
    ) throws(ModelFileError) -> [TokenText: TokenID] {
        guard case .object(let entries)? = model.member("vocab")?.value else {
            throw model.file.malformed("model.vocab is not an object")
        }
        var identifiers: [TokenText: TokenID] = [:]
        identifiers.reserveCapacity(entries.count)
        // What each id stands for; nil where a vocabulary leaves ids free.
        var contents = [[UInt8]?](repeating: nil, count: rows)
        let places = Dictionary(entries.map { (TokenText($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        var next = entries.count
        for token in try root.list("added_tokens") {
            let added = try AddedToken(token, normalization: self.normalization)
            // The reference counts tokens that the vocabulary lacks itself, whatever the file says.
            let expected = places[TokenText(String(decoding: added.name, as: UTF8.self))]?.integer ?? next
            guard Int(added.token) == expected else {
                throw token.file.malformed(
                    "\(token.name) has the number \(added.token), and the reference counts it as \(expected)")
            }
            next = max(next, expected + 1)
            try Self.check(added.token, "\(token.name) (\(token.value["content"]?.summary ?? ""))", rows, token.file)
            contents[Int(added.token)] = added.name
            self.added.append(added)
        }
        let addedTokens = Set(self.added.map(\.token))
        for entry in entries {
            let name = "the token \(JSONValue.text(entry.key).summary) of model.vocab"
            guard let number = entry.value.integer, let token = TokenID(exactly: number) else {
                throw model.file.malformed("\(name) has the number \(entry.value.summary)")
            }
            try Self.check(token, name, rows, model.file)
            guard identifiers.updateValue(token, forKey: TokenText(entry.key)) == nil else {
                throw model.file.malformed("\(name) occurs twice")
            }
            if addedTokens.contains(token) { continue }
            guard contents[Int(token)] == nil else {
                throw model.file.malformed("\(name) has the number \(token) of another token")
            }
            if self.normalization.marksSpaces != nil {
                contents[Int(token)] = CharacterTokens.bytes(of: entry.key)
            } else if let bytes = ByteAlphabet.bytes(of: entry.key) {
                contents[Int(token)] = bytes
            } else {
                throw model.file.unsupported(
                    "\(name) has a character outside the byte-level alphabet, which is not implemented")
            }
        }
        for bytes in contents { self.vocabulary.append(bytes ?? []) }
        return identifiers
    }

    private static func check(
        _ token: TokenID, _ name: String, _ rows: Int, _ file: JSONFile
    ) throws(ModelFileError) {
        guard Int(token) < rows else {
            throw file.malformed("\(name) has the number \(token), and the model has \(rows) rows of embeddings")
        }
    }

    private mutating func readMerges(
        _ model: JSONPlace, _ identifiers: [TokenText: TokenID]
    ) throws(ModelFileError) {
        guard case .list(let merges)? = model.member("merges")?.value else {
            throw model.file.malformed("model.merges is not a list")
        }
        var pairs = BytePairs(capacity: merges.count)
        self.readSymbols(identifiers, &pairs)
        for (rank, merge) in merges.enumerated() {
            guard let (left, right) = Self.sides(of: merge),
                let leftToken = identifiers[TokenText(left)], let rightToken = identifiers[TokenText(right)],
                let merged = identifiers[TokenText(left + right)]
            else {
                throw model.file.malformed("model.merges[\(rank)] does not join two tokens into a third")
            }
            guard pairs.lookup(leftToken, rightToken).rank == BytePairs.none else {
                throw model.file.malformed("model.merges[\(rank)] joins two tokens that were joined before")
            }
            if self.mayBeText(merged) {
                pairs.insert(leftToken, rightToken, rank: UInt32(rank), merged: merged)
            }
        }
        self.vocabulary.pairs = pairs
    }

    /// What a merge joins: two texts in a list, or in older files one text with a space between them.
    static func sides(of merge: JSONValue) -> (String, String)? {
        switch merge {
        case .list(let sides):
            guard sides.count == 2, let left = sides[0].text, let right = sides[1].text else { return nil }
            return (left, right)
        case .text(let text):
            let sides = text.split(separator: " ", omittingEmptySubsequences: false)
            return sides.count == 2 ? (String(sides[0]), String(sides[1])) : nil
        case .null, .flag, .number, .object: return nil
        }
    }

    private mutating func readModelFlags(
        _ model: JSONPlace, _ identifiers: [TokenText: TokenID]
    ) throws(ModelFileError) {
        try model.refuseMembers(except: [
            "type", "vocab", "merges", "ignore_merges", "unk_token", "fuse_unk", "byte_fallback", "dropout",
        ])
        if let type = try model.text("type"), type != "BPE" { throw model.refused("type") }
        if let dropout = model.member("dropout")?.value, dropout != .number("0.0"), dropout != .number("0") {
            throw model.refused("dropout")
        }
        if self.vocabulary.characters != nil {
            guard try model.flag("byte_fallback") == true, !self.vocabulary.pairs.byteTokens.contains(BytePairs.none)
            else {
                throw model.file.unsupported(
                    "model has marks for spaces but not a token for every byte (byte_fallback), which is not implemented"
                )
            }
        }
        // Where every byte has a token, nothing is ever unknown.
        if self.vocabulary.pairs.byteTokens.contains(BytePairs.none) {
            for key in ["fuse_unk", "byte_fallback"] where try model.flag(key) == true { throw model.refused(key) }
            if let unknown = try model.text("unk_token") {
                guard let token = identifiers[TokenText(unknown)] else {
                    throw model.file.malformed("model.unk_token \(JSONValue.text(unknown).summary) is no token")
                }
                for byte in self.vocabulary.pairs.byteTokens.indices
                where self.vocabulary.pairs.byteTokens[byte] == BytePairs.none {
                    self.vocabulary.pairs.byteTokens[byte] = token
                }
            }
        }
        if try model.flag("ignore_merges") == true {
            self.vocabulary.wholeWords = WholeWords(
                identifiers.values.filter(self.mayBeText).sorted(), bytes: self.vocabulary.bytes,
                starts: self.vocabulary.starts)
        }
    }

    // MARK: Ends

    /// What ends a response: what generation_config.json says, else config.json, and the tokenizer's own end.
    private mutating func readEnds(_ directory: String) throws(ModelFileError) {
        for name in ["generation_config.json", "config.json"]
        where self.ends.isEmpty && FileManager.default.fileExists(atPath: "\(directory)/\(name)") {
            let file = try JSONFile(path: "\(directory)/\(name)")
            switch file.value["eos_token_id"] {
            case .number(let digits)?: self.addEnd(try self.token(digits, file))
            case .list(let numbers)?:
                for number in numbers { self.addEnd(try self.token(number.summary, file)) }
            case .null?, nil: continue
            default: throw file.malformed("eos_token_id is neither a number nor a list of numbers")
            }
        }
        let names = try SpecialNames(directory: directory)
        if let end = names["eos_token"] {
            self.addEnd(self.added.first { $0.name.elementsEqual(end.utf8) }?.token)
        }
        guard !self.ends.isEmpty else {
            throw ModelFileError(
                .missingMetadata, file: directory, "no file says which token ends a response (eos_token_id)",
                advice: "give eos_token_id in generation_config.json")
        }
    }

    private func token(_ digits: String, _ file: JSONFile) throws(ModelFileError) -> TokenID {
        guard let token = TokenID(digits), token < self.vocabulary.count else {
            throw file.malformed("eos_token_id \(digits) is not the number of a token")
        }
        return token
    }
}

extension AddedToken {
    fileprivate init(_ place: JSONPlace, normalization: Normalization) throws(ModelFileError) {
        guard let content = try place.text("content"), !content.isEmpty else {
            throw place.file.malformed("\(place.name).content is missing or empty")
        }
        try place.refuseMembers(except: ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"])
        self.init(
            name: Array(content.utf8), token: try place.token("id"),
            isSpecial: try place.flag("special") ?? false,
            takesSpaceBefore: try place.flag("lstrip") ?? false,
            takesSpaceBehind: try place.flag("rstrip") ?? false,
            isWord: try place.flag("single_word") ?? false,
            isNormalized: try place.flag("normalized") ?? true)
        // Where a normal form moves characters, a mark's place in the text is lost.
        guard !(self.isSpecial && self.isNormalized) || normalization == .none else {
            throw place.file.unsupported(
                "\(place.name) (\"\(content)\") is special and normalized under a normalizer, which is not implemented")
        }
    }
}
