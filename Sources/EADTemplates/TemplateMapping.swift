/// A mapping in the order in which its keys came.
package struct TemplateMapping: Sendable {
    private(set) var entries: [(key: TemplateValue, value: TemplateValue)] = []

    package init() {}

    var count: Int { self.entries.count }
    var isEmpty: Bool { self.entries.isEmpty }

    package subscript(key: TemplateValue) -> TemplateValue? {
        get { self.entries.first { TemplateValue.areEqual($0.key, key) }?.value }
        set {
            let place = self.entries.firstIndex { TemplateValue.areEqual($0.key, key) }
            switch (place, newValue) {
            case (let place?, let value?): self.entries[place].value = value
            case (let place?, nil): self.entries.remove(at: place)
            case (nil, let value?): self.entries.append((key, value))
            case (nil, nil): break
            }
        }
    }

    package subscript(name: String) -> TemplateValue? {
        get { self[.text(name)] }
        set { self[.text(name)] = newValue }
    }
}

/// The one value whose members a template can change.
///
/// Its members are touched only by the one rendering that made it.
package final class TemplateNamespace: @unchecked Sendable {
    var members = TemplateMapping()
}

/// Elements that are given once, as by the filters that choose among others; what went wrong with them shows when they
/// are asked for.
///
/// It is touched only by the one rendering that made it.
package final class TemplateGenerator: @unchecked Sendable {
    private var elements: Result<[TemplateValue], TemplateError>

    init(_ elements: Result<[TemplateValue], TemplateError>) { self.elements = elements }

    func take() throws(TemplateError) -> [TemplateValue] {
        defer { self.elements = .success([]) }
        return try self.elements.get()
    }
}

/// The names of a part of a template, within those of the part around it.
///
/// It is touched only by the one rendering that made it.
final class TemplateScope: @unchecked Sendable {
    private var values: [String: TemplateValue] = [:]
    private let outer: TemplateScope?

    init(in outer: TemplateScope?) { self.outer = outer }

    subscript(name: String) -> TemplateValue? {
        get { self.values[name] ?? self.outer?[name] }
        set { self.values[name] = newValue }
    }
}

/// A macro and the names around its definition.
package struct TemplateMacro: Sendable {
    let name: String
    let parameters: [(name: String, standard: TemplateExpression?)]
    let body: [TemplateStatement]
    let scope: TemplateScope
}

/// What a loop tells its body about itself.
package struct TemplateLoop: Sendable {
    let items: [TemplateValue]
    let index: Int

    static let members: Set<String> = [
        "first", "last", "index", "index0", "revindex", "revindex0", "length", "previtem", "nextitem",
    ]

    subscript(name: String) -> TemplateValue {
        switch name {
        case "first": .flag(self.index == 0)
        case "last": .flag(self.index == self.items.count - 1)
        case "index": .integer(self.index + 1)
        case "index0": .integer(self.index)
        case "revindex": .integer(self.items.count - self.index)
        case "revindex0": .integer(self.items.count - self.index - 1)
        case "length": .integer(self.items.count)
        case "previtem": self.index > 0 ? self.items[self.index - 1] : .undefined("there is no previous item")
        case "nextitem":
            self.index + 1 < self.items.count ? self.items[self.index + 1] : .undefined("there is no next item")
        default: .undefined("'loop' has no attribute '\(name)'")
        }
    }
}
