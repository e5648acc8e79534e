/// Goes through all settings of a configuration in a fixed order: to read them, to write them, or to list them.
///
/// Each section says once, in `visit`, what its settings are called, which type they have and what they stand for;
/// reading, the resolved file, the hash and the checks of the documentation all follow from that one description.
protocol SettingVisitor: AnyObject {
    /// A setting with the value it has, which is the default while reading.
    func setting<Value>(_ key: SettingKey, _ value: inout Value, _ type: SettingType<Value>)

    /// Settings under a key of their own.
    func section(_ key: String, _ body: () -> Void)

    /// A section with the settings of `original`, which stands at `path`; what it leaves out is as there.
    func section<Section>(
        _ key: String, like path: String, _ original: Section, _ copy: inout Section, _ body: (inout Section) -> Void)

    /// Settings that a resumed run may have other values of: they change nothing that was computed before.
    func changeable(_ body: () -> Void)

    /// A list of sections; `element` makes the one that an entry starts from.
    func list<Element>(
        _ key: String, _ elements: inout [Element], element: () -> Element, _ body: (inout Element) -> Void)
}

extension SettingVisitor {
    func changeable(_ body: () -> Void) { body() }
}

/// The name of a setting and what goes with it besides its type.
struct SettingKey: ExpressibleByStringLiteral {
    var name: String
    /// Whether leaving it out is an error.
    var isRequired = false
    /// Whether hosts may differ in it: it is no part of the hash.
    var isLocal = false
    /// What leaving it out means, where that is no fixed value.
    var absent: String?
    /// Its name in the documentation, where the name itself is free.
    var placeholder: String?

    init(stringLiteral name: String) { self.name = name }

    init(
        _ name: String, isRequired: Bool = false, isLocal: Bool = false, absent: String? = nil,
        placeholder: String? = nil
    ) {
        self.name = name
        self.isRequired = isRequired
        self.isLocal = isLocal
        self.absent = absent
        self.placeholder = placeholder
    }

    static func required(_ name: String) -> SettingKey { SettingKey(name, isRequired: true) }
    static func local(_ name: String, absent: String? = nil) -> SettingKey {
        SettingKey(name, isLocal: true, absent: absent)
    }
}
