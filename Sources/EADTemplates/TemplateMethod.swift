/// What the values of a template can be told to do.
enum TemplateMethod: String, Sendable {
    // Of texts.
    case strip, lstrip, rstrip, split, rsplit, startswith, endswith, replace, upper, lower, capitalize, title, find,
        count, format, splitlines, join, removeprefix, removesuffix, isdigit, isspace
    // Of mappings.
    case items, keys, values, get
    // Of lists and mappings; those that change them are known and fail.
    case append, pop, update, extend, insert, remove, clear, setdefault, popitem, sort, index, copy

    static let ofText: Set<TemplateMethod> = [
        .strip, .lstrip, .rstrip, .split, .rsplit, .startswith, .endswith, .replace, .upper, .lower, .capitalize,
        .title, .find, .count, .format, .splitlines, .join, .removeprefix, .removesuffix, .isdigit, .isspace, .index,
    ]
    static let ofMapping: Set<TemplateMethod> = [.items, .keys, .values, .get, .copy]
    static let ofList: Set<TemplateMethod> = [.index, .count, .copy]
    /// Those that change what they are called on, which a template may not.
    static let changing: Set<TemplateMethod> = [
        .append, .pop, .update, .extend, .insert, .remove, .clear, .setdefault, .popitem, .sort,
    ]
}
