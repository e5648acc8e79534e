import EADCore

/// The names that settings have in the cluster file, for problems that the libraries report under their own.
struct LibraryNames {
    /// Where the name in the file is not just the library's in snake case.
    private var special: [String: String]

    static let plain = LibraryNames(special: [:])
    static let sampling = LibraryNames(special: [
        "maximum": "tau_max", "minimum": "tau_min", "initialDecay": "d_0", "decayGrowth": "growth",
        "decayLimit": "d_max", "stopStrings": "stop",
    ])

    /// The problem's path in the file, below `section`, and its message in the file's words.
    func translate(_ problem: ConfigurationProblem, in section: String) -> (path: String, message: String) {
        let path = problem.field.split(separator: ".").map { self.name(String($0)) }
        return (([section] + path).joined(separator: "."), self.translate(problem.message))
    }

    private func name(_ field: String) -> String {
        if let special = self.special[field] { return special }
        return field.reduce(into: "") { name, character in
            name += character.isUppercase ? "_\(character.lowercased())" : "\(character)"
        }
    }

    /// Replaces the words that are names: those of the table, and those with a capital inside.
    private func translate(_ message: String) -> String {
        var result = ""
        var word = ""
        for character in message + "\n" {
            if character.isLetter {
                word.append(character)
                continue
            }
            let isName =
                self.special[word] != nil || (word.first?.isLowercase == true && word.contains(where: \.isUppercase))
            result += isName ? self.name(word) : word
            word = ""
            result.append(character)
        }
        return String(result.dropLast())
    }
}
