import EADCore

/// A value of a JSON file and the path of keys to it, for messages.
struct JSONPlace {
    let file: JSONFile
    let name: String
    let value: JSONValue

    /// A member that is there and not null.
    func member(_ key: String) -> JSONPlace? {
        guard let value = self.value[key], value != .null else { return nil }
        return JSONPlace(file: self.file, name: self.name.isEmpty ? key : "\(self.name).\(key)", value: value)
    }

    func list(_ key: String) throws(ModelFileError) -> [JSONPlace] {
        guard let place = self.member(key) else { return [] }
        guard case .list(let elements) = place.value else { throw self.file.malformed("\(place.name) is not a list") }
        return elements.enumerated().map { index, value in
            JSONPlace(file: self.file, name: "\(place.name)[\(index)]", value: value)
        }
    }

    func text(_ key: String) throws(ModelFileError) -> String? {
        guard let place = self.member(key) else { return nil }
        guard let text = place.value.text else { throw self.file.malformed("\(place.name) is not a string") }
        return text
    }

    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let place = self.member(key) else { return nil }
        guard case .flag(let flag) = place.value else {
            throw self.file.malformed("\(place.name) is neither true nor false")
        }
        return flag
    }

    /// A token's number.
    func token(_ key: String) throws(ModelFileError) -> TokenID {
        guard let token = self.member(key)?.value.integer.flatMap({ TokenID(exactly: $0) }), token < 1 << 24 else {
            throw self.file.malformed("\(self.name).\(key) is not the number of a token")
        }
        return token
    }

    /// Members of an object, none for another value.
    var members: [JSONValue.Member] {
        guard case .object(let members) = self.value else { return [] }
        return members
    }

    /// Refuses members that are neither expected nor empty.
    func refuseMembers(except expected: Set<String>) throws(ModelFileError) {
        for member in self.members where !expected.contains(member.key) {
            switch member.value {
            case .null, .flag(false), .text(""), .list([]), .object([]): continue
            default: throw self.refused(member.key)
            }
        }
    }

    /// An error that names a member and its value.
    func refused(_ key: String) -> ModelFileError {
        let name = self.name.isEmpty ? key : "\(self.name).\(key)"
        return self.file.unsupported("\(name) is \(self.value[key]?.summary ?? "missing"), which is not implemented")
    }
}
